using System.Collections.Concurrent;
using Appliance.Contracts;
using Appliance.Crypto.Formats;
using Appliance.Mail.Addresses;
using Appliance.Mail.Smtp;
using Appliance.Server.Accounts;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;

namespace Appliance.Server.Inbound.Traces;

/// <summary>What happened to some messages, a second or two of them, by hashes of the addresses they were from and to.</summary>
[Collection("trace", InBackup = false)]
public sealed record TraceRow
{
    public static readonly Collection<TraceRow> All = Collection.Of<TraceRow>(row => Key.Of(row.Id));

    [Stored(Visibility.Clear, Retention.UntilUsed, "In order of time.")]
    public required ObjectId Id { get; init; }

    [Stored(Visibility.Clear, Retention.UntilUsed, "Keyed hashes of addresses, what was answered and why; kept 7 days.")]
    public required IReadOnlyList<TraceEntry> Entries { get; init; }
}

/// <param name="Address">Keyed hash.</param>
/// <param name="IsSender">Else a recipient.</param>
/// <param name="Outcome"><c>inbox</c>, <c>junk</c>, <c>passed</c> (on to an old host), <c>refused</c> or <c>deferred</c>.</param>
/// <param name="Reply">Code and enhanced code.</param>
/// <param name="Cause">Why, in a word or two of ours.</param>
/// <param name="Message">Its id in our Received, when it was kept.</param>
public sealed record TraceEntry(ObjectId Address, bool IsSender, DateTimeOffset At, string Outcome, string Reply, string? Cause, string? Message);

/// <summary>
/// Answers "where is my mail?" for seven days without knowing whose: an entry for a message's sender and for each of its recipients, under a hash of the address.
/// </summary>
internal sealed partial class MailTraces(IStore store, KeyedHashes hashes, TimeProvider time, ILogger<MailTraces> log)
    : WriteBehind(TimeSpan.FromSeconds(1), time)
{
    /// <summary>
    /// Addresses that one network (an IPv4 address, an IPv6 /48) is refused within an hour, so that nobody fills the disk with what is refused; and those beyond a few of a message that is kept, since one mailbox may have any number
    /// (<c>ann+1@</c>, <c>ann+2@</c>).
    /// </summary>
    private const int MostOfNetwork = 5_000;

    private const int FewOfMessage = 20;

    private const string AllNetworks = "";

    private const int MostWaiting = 20_000;
    private const int MostInRow = 100;
    private const int PageSize = 200;
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);
    private readonly ConcurrentQueue<TraceEntry> _waiting = new();
    private readonly Tallies<string> _networks = new(TimeSpan.FromHours(1), time);

    /// <summary>What all networks together have of that within an hour.</summary>
    internal int MostOfAll { get; init; } = 50_000;

    /// <param name="outcomes">For each address that was written to, and for each member's behind it.</param>
    public async ValueTask RecordAsync(SmtpPeer peer, SmtpPath sender, IReadOnlyList<(Mailbox Address, string Outcome)> outcomes, SmtpReply reply, string? message, CancellationToken cancellationToken)
    {
        var counted = reply.IsPositive ? outcomes.Count - FewOfMessage : outcomes.Count;
        if (_waiting.Count >= MostWaiting || outcomes.Count == 0 || (counted > 0 && (IsTooMuch(ClientNetwork.SiteOf(peer.Remote.Address), MostOfNetwork) || IsTooMuch(AllNetworks, MostOfAll))))
            return;
        var (at, code) = (Time.GetUtcNow(), $"{reply.Code} {reply.Enhanced}");
        try
        {
            if (sender.Mailbox is { } from)
                _waiting.Enqueue(new TraceEntry(await HashAsync(from, cancellationToken), IsSender: true, at, outcomes[0].Outcome, code, reply.Cause, message));
            foreach (var (to, outcome) in outcomes)
                _waiting.Enqueue(new TraceEntry(await HashAsync(to, cancellationToken), IsSender: false, at, outcome, code, reply.Cause, message));
        }
        // What was answered stands, whatever becomes of this.
        catch (Exception failed) when (failed is StoreFailedException or StoreDamagedException)
        {
            LogFailed(failed.Message);
        }

        bool IsTooMuch(string network, int most) => _networks.Add(network, counted) > most;
    }

    /// <summary>Oldest first; null when it is no address.</summary>
    public async Task<IReadOnlyList<TraceResponse>?> FindAsync(string address, CancellationToken cancellationToken)
    {
        if (!Mailbox.TryParse(address, out var mailbox))
            return null;
        await WriteWaitingAsync();
        var hash = await HashAsync(mailbox, cancellationToken);
        var found = new List<TraceResponse>();
        var oldest = Time.GetUtcNow() - Kept;
        byte[] from = [];
        while (true)
        {
            var page = store.Range(TraceRow.All, from, Key.Last, PageSize);
            found.AddRange(
                from row in page
                from entry in row.Entries
                where entry.Address == hash && entry.At >= oldest
                select new TraceResponse(entry.At, entry.IsSender ? "from" : "to", entry.Outcome, entry.Reply, entry.Cause, entry.Message));
            if (page.Count < PageSize)
                return found;
            from = Key.After(Key.Of(page[^1].Id));
        }
    }

    /// <summary>Deletes what is over seven days old.</summary>
    /// <returns>How many rows; at <paramref name="most"/> there may be more.</returns>
    public Task<int> ForgetAsync(int most, CancellationToken cancellationToken)
    {
        var before = ObjectId.NewInOrder(Time.GetUtcNow() - Kept);
        return store.WriteAsync(
            transaction =>
            {
                var over = transaction.Range(TraceRow.All, [], Key.Of(before), most);
                foreach (var row in over)
                    transaction.Delete(TraceRow.All, Key.Of(row.Id));
                return over.Count;
            },
            cancellationToken);
    }

    protected override async Task WriteAsync()
    {
        while (!_waiting.IsEmpty)
        {
            var entries = new List<TraceEntry>();
            while (entries.Count < MostInRow && _waiting.TryDequeue(out var entry))
                entries.Add(entry);
            if (!store.HasRoomFor(0))
                continue; // what room there is, is for what frees more
            var row = new TraceRow { Id = ObjectId.NewInOrder(Time.GetUtcNow()), Entries = entries };
            await store.WriteAsync(
                transaction =>
                {
                    transaction.Add(TraceRow.All, row);
                    return true;
                },
                CancellationToken.None);
        }
    }

    protected override void Failed(string reason) => LogFailed(reason);

    private ValueTask<ObjectId> HashAsync(Mailbox address, CancellationToken cancellationToken) => hashes.OfAsync("trace", address.Key, cancellationToken);

    [LoggerMessage(Level = LogLevel.Error, Message = "What happened to some messages could not be written down for appliance trace: {Reason}")]
    private partial void LogFailed(string reason);
}
