using System.Net;
using System.Net.Sockets;
using Appliance.Mail.AuthResults;
using Appliance.Mail.Dns;

namespace Appliance.Mail.ReverseDns;

/// <summary>RFC 8601 §2.7.3.</summary>
public enum ReverseDnsResult
{
    /// <summary>Not asked.</summary>
    None,
    Pass,

    /// <summary>It has names, and none of them leads back.</summary>
    Fail,
    TempError,

    /// <summary>It has no name.</summary>
    PermError,
}

/// <param name="Name">The one that leads back, or the first of those that do not.</param>
public sealed record ReverseDnsOutcome(ReverseDnsResult Result, string? Name = null)
{
    public static readonly ReverseDnsOutcome None = new(ReverseDnsResult.None);

    public string Word => ResultWord.Of(Result);
}

/// <summary>Whether an address has a name that leads back to it (<c>iprev</c>, RFC 8601 §3; "forward-confirmed reverse DNS").</summary>
public sealed class ReverseDnsChecker(IDnsResolver dns)
{
    /// <summary>Of more names than an honest mail server has, the rest are not looked at (as RFC 7208 §4.6.4 has it for SPF).</summary>
    private const int MostNames = 10;

    public async ValueTask<ReverseDnsOutcome> CheckAsync(IPAddress client, CancellationToken cancellationToken)
    {
        if (client.IsIPv4MappedToIPv6)
            client = client.MapToIPv4();
        var found = await dns.QueryAsync(ReverseName.Of(client), DnsType.Ptr, cancellationToken);
        if (found.Outcome == DnsOutcome.Failed)
            return new ReverseDnsOutcome(ReverseDnsResult.TempError);
        var names = found.Records.OfType<PtrRecord>().Select(record => record.Name).Take(MostNames).ToList();
        if (names.Count == 0)
            return new ReverseDnsOutcome(ReverseDnsResult.PermError);
        var type = client.AddressFamily == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa;
        var hasFailed = false;
        foreach (var name in names)
        {
            var answer = await dns.QueryAsync(name, type, cancellationToken);
            if (answer.Records.OfType<AddressRecord>().Any(record => record.Address.Equals(client)))
                return new ReverseDnsOutcome(ReverseDnsResult.Pass, name);
            hasFailed |= answer.Outcome == DnsOutcome.Failed;
        }
        return new ReverseDnsOutcome(hasFailed ? ReverseDnsResult.TempError : ReverseDnsResult.Fail, names[0]);
    }
}
