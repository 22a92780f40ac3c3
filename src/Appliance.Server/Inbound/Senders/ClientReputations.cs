using System.Collections.Concurrent;
using System.Net;
using Appliance.Mail.Dns;
using Appliance.Mail.Dnsbl;
using Appliance.Mail.ReverseDns;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound.Senders;

/// <summary>What others say of a client.</summary>
/// <param name="Name">Its name in the DNS, and whether that leads back to it.</param>
/// <param name="BlockedBy">Lists that say it sends spam.</param>
/// <param name="VouchedBy">Lists that say it is honest.</param>
internal sealed record ClientReputation(ReverseDnsOutcome Name, IReadOnlyList<string> BlockedBy, IReadOnlyList<string> VouchedBy)
{
    /// <summary>Nobody was asked.</summary>
    public static readonly ClientReputation Unasked = new(ReverseDnsOutcome.None, [], []);

    /// <summary>One list speaks against it, and none for it.</summary>
    public bool IsListed => BlockedBy.Count > 0 && VouchedBy.Count == 0;

    public bool HasNoName => Name.Result is ReverseDnsResult.Fail or ReverseDnsResult.PermError;
}

/// <summary>
/// Asks for a client's name and what lists say of it, when it begins a message, so that the answers are there when the message is. Nobody is asked about addresses of private
/// networks: they mean nothing outside.
/// </summary>
internal sealed partial class ClientReputations(IDnsResolver dns, IOptions<SenderOptions> options, TimeProvider time, ILogger<ClientReputations> log)
{
    internal const int MostClients = 10_000;
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1); // the resolver keeps each answer as long as it holds
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan BetweenComplaints = TimeSpan.FromHours(6);

    private static readonly Networks Private = Networks.Parse(
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 ::1/128 fc00::/7 fe80::/10");

    private readonly IReadOnlyList<string> _blockLists = options.Value.BlockZones;
    private readonly IReadOnlyList<string> _allowLists = options.Value.AllowZones;
    private readonly ReverseDnsChecker _names = new(dns);
    private readonly DnsListChecker _lists = new(dns);
    private readonly ConcurrentDictionary<IPAddress, (Task<ClientReputation> Asked, TimeSpan Until)> _clients = new();
    private readonly ConcurrentDictionary<string, TimeSpan> _complained = new();
    private readonly long _began = time.GetTimestamp();

    internal int Clients => _clients.Count;

    /// <param name="client">Null: not known.</param>
    public Task<ClientReputation> OfAsync(IPAddress? client)
    {
        if (client is null || Private.Contain(client))
            return Task.FromResult(ClientReputation.Unasked);
        var now = time.GetElapsedTime(_began);
        if (_clients.TryGetValue(client, out var known) && known.Until > now)
            return known.Asked;
        if (_clients.Count >= MostClients)
            MakeRoom(now);
        // Others wait for it too.
        var asked = AskAsync(client);
        _clients[client] = (asked, now + Kept);
        return asked;
    }

    private void MakeRoom(TimeSpan now)
    {
        foreach (var over in _clients.Where(pair => pair.Value.Until <= now))
            _clients.TryRemove(over);
        // Not one by one: looking through all of them for each client that comes would be work for whoever comes from many addresses to give.
        if (_clients.Count >= MostClients)
            _clients.Clear();
    }

    private async Task<ClientReputation> AskAsync(IPAddress client)
    {
        using var deadline = new CancellationTokenSource(Deadline, time);
        var name = NameAsync(client, deadline.Token);
        var blocked = _blockLists.Select(zone => AskAsync(zone, client, deadline.Token)).ToList();
        var vouched = _allowLists.Select(zone => AskAsync(zone, client, deadline.Token)).ToList();
        return new ClientReputation(await name, await ListedAsync(_blockLists, blocked), await ListedAsync(_allowLists, vouched));
    }

    private async Task<ReverseDnsOutcome> NameAsync(IPAddress client, CancellationToken late)
    {
        try
        {
            return await _names.CheckAsync(client, late);
        }
        catch (OperationCanceledException)
        {
            return new ReverseDnsOutcome(ReverseDnsResult.TempError);
        }
    }

    private async Task<ListWord> AskAsync(string zone, IPAddress client, CancellationToken late)
    {
        try
        {
            return await _lists.AskAsync(zone, client, late);
        }
        catch (OperationCanceledException)
        {
            return ListWord.Broken;
        }
    }

    private async Task<IReadOnlyList<string>> ListedAsync(IReadOnlyList<string> zones, List<Task<ListWord>> asked)
    {
        var words = await Task.WhenAll(asked);
        foreach (var (zone, word) in zones.Zip(words))
            if (word == ListWord.Broken)
                Complain(zone);
        return [.. zones.Zip(words).Where(pair => pair.Second == ListWord.Listed).Select(pair => pair.First)];
    }

    private void Complain(string zone)
    {
        var now = time.GetElapsedTime(_began);
        if (_complained.TryGetValue(zone, out var last) && now - last < BetweenComplaints)
            return;
        _complained[zone] = now;
        LogBroken(zone);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The list {Zone} does not answer as it should, so what it says counts for nothing. Public resolvers are often not answered: run one on this machine (Dns:Servers), or take the list out of Senders:BlockLists or Senders:AllowLists")]
    private partial void LogBroken(string zone);
}
