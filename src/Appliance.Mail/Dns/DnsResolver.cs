using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using DnsClient;
using DnsClient.Protocol;

namespace Appliance.Mail.Dns;

/// <summary>
/// Asks recursive resolvers (DnsClient does the wire: EDNS, TCP after a truncated answer) and keeps what they say for as long as it holds. Who asks what is being asked
/// already waits for that answer. A time-out, SERVFAIL or nonsense is <see cref="DnsOutcome.Failed"/>, and remembered for moments only.
/// </summary>
public sealed class DnsResolver : IDnsResolver
{
    private static readonly TimeSpan LongestKept = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestNothing = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan NothingWithoutSoa = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FailureKept = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<(string, DnsType), Lazy<Task<DnsAnswer>>> _asking = new();
    private readonly DnsCache _cache;
    private readonly LookupClient _client;

    public DnsResolver(DnsOptions options, TimeProvider time)
    {
        _cache = new DnsCache(time);
        var settings = options.Servers.Count > 0 ? new LookupClientOptions([.. options.Servers]) : new LookupClientOptions();
        settings.UseCache = false; // ours also keeps answers that there is nothing, and is bounded
        settings.Timeout = options.Timeout;
        settings.Retries = options.Tries - 1;
        settings.ThrowDnsErrors = false;
        settings.UseRandomNameServer = false;
        settings.EnableAuditTrail = false;
        settings.ExtendedDnsBufferSize = 1232; // fits one packet anywhere (DNS flag day 2020)
        _client = new LookupClient(settings);
    }

    public async ValueTask<DnsAnswer> QueryAsync(string name, DnsType type, CancellationToken cancellationToken)
    {
        name = name.TrimEnd('.').ToLowerInvariant();
        if (!IsName(name))
            return DnsAnswer.NoName;
        if (_cache.Find(name, type) is { } known)
            return known;
        // The question goes on when one who asked does not wait for it any more.
        var asking = _asking.GetOrAdd((name, type), _ => new Lazy<Task<DnsAnswer>>(() => Task.Run(() => AskAsync(name, type), CancellationToken.None)));
        return await asking.Value.WaitAsync(cancellationToken);
    }

    private async Task<DnsAnswer> AskAsync(string name, DnsType type)
    {
        try
        {
            var (answer, lifetime) = await AskOnceAsync(name, type);
            _cache.Keep(name, type, answer, lifetime);
            return answer;
        }
        finally
        {
            _asking.TryRemove((name, type), out _);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a resolver sends must not be more than a failed question.")]
    private async Task<(DnsAnswer, TimeSpan)> AskOnceAsync(string name, DnsType type)
    {
        IDnsQueryResponse response;
        try
        {
            response = await _client.QueryAsync(name, WireType(type), cancellationToken: CancellationToken.None);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return (DnsAnswer.Failed, FailureKept);
        }
        switch (response.Header.ResponseCode)
        {
            case DnsHeaderResponseCode.NoError:
                break;
            case DnsHeaderResponseCode.NotExistentDomain:
                return (DnsAnswer.NoName, LifetimeOfNothing(response));
            default:
                return (DnsAnswer.Failed, FailureKept);
        }
        var records = response.Answers.Select(record => (Read: Read(record, type), record.TimeToLive)).Where(record => record.Read is not null).ToList();
        if (records.Count == 0)
            return (DnsAnswer.NoData, LifetimeOfNothing(response));
        var isAuthentic = response.Header.IsAuthenticData && IPAddress.TryParse(response.NameServer.Address, out var server) && IPAddress.IsLoopback(server);
        return (
            new DnsAnswer(DnsOutcome.Found, [.. records.Select(record => record.Read!)], isAuthentic),
            Shorter(LongestKept, TimeSpan.FromSeconds(records.Min(record => record.TimeToLive))));
    }

    private static DnsRecord? Read(DnsResourceRecord record, DnsType type) => (type, record) switch
    {
        (DnsType.A, ARecord { Address: var address }) => new AddressRecord(address),
        (DnsType.Aaaa, AaaaRecord { Address: var address }) => new AddressRecord(address),
        (DnsType.Mx, DnsClient.Protocol.MxRecord mx) => new MxRecord(mx.Preference, NameOf(mx.Exchange)),
        (DnsType.Ptr, DnsClient.Protocol.PtrRecord ptr) => new PtrRecord(NameOf(ptr.PtrDomainName)),
        (DnsType.Txt, DnsClient.Protocol.TxtRecord txt) => new TxtRecord(string.Concat(txt.EscapedText.Select(Unescaped))),
        _ => null,
    };

    /// <summary>DnsClient writes octets beyond printable ASCII as <c>\DDD</c>.</summary>
    private static string Unescaped(string escaped)
    {
        if (!escaped.Contains('\\', StringComparison.Ordinal))
            return escaped;
        var text = new StringBuilder(escaped.Length);
        for (var i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != '\\' || i + 1 == escaped.Length)
                text.Append(escaped[i]);
            else if (i + 3 < escaped.Length && escaped.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '9') < 0)
            {
                text.Append((char)(((escaped[i + 1] - '0') * 100) + ((escaped[i + 2] - '0') * 10) + (escaped[i + 3] - '0')));
                i += 3;
            }
            else
                text.Append(escaped[++i]);
        }
        return text.ToString();
    }

    private static TimeSpan LifetimeOfNothing(IDnsQueryResponse response) => response.Authorities.OfType<SoaRecord>().FirstOrDefault() is { } soa
        ? Shorter(LongestNothing, TimeSpan.FromSeconds(Math.Min(soa.Minimum, soa.TimeToLive)))
        : NothingWithoutSoa;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static string NameOf(DnsString name) => name.Value.TrimEnd('.').ToLowerInvariant();

    private static bool IsName(string name) =>
        Ascii.IsValid(name) && DnsName.HasLabels(name);

    private static QueryType WireType(DnsType type) => type switch
    {
        DnsType.A => QueryType.A,
        DnsType.Aaaa => QueryType.AAAA,
        DnsType.Mx => QueryType.MX,
        DnsType.Txt => QueryType.TXT,
        _ => QueryType.PTR,
    };
}
