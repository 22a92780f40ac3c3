using System.Collections.Concurrent;
using System.Net;
using Appliance.Crypto.Formats;
using Appliance.Mail.Smtp;
using Appliance.Server.Accounts;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound.Senders;

/// <summary>That somebody sent here before, found by a keyed hash; who it was cannot be read.</summary>
[Collection("senderHistory", InBackup = false)]
public sealed record SenderHistoryRow
{
    public static readonly Collection<SenderHistoryRow> All = Collection
        .Of<SenderHistoryRow>(row => Key.Of(row.Sender))
        .Index("forgetAt", row => Key.Of(row.ForgetAt))
        .Cached();

    [Stored(Visibility.Clear, Retention.UntilUsed, "Keyed hash of a sending domain, or of a network and the domain it sends for.")]
    public required ObjectId Sender { get; init; }

    [Stored(Visibility.Clear, Retention.UntilUsed, "When it first came.")]
    public required DateTimeOffset FirstAt { get; init; }

    [Stored(Visibility.Clear, Retention.UntilUsed, "How many of its messages were kept and not junk, up to a few; 0: it was asked to wait.")]
    public required int Kept { get; init; }

    [Stored(Visibility.Clear, Retention.UntilUsed, "When this is forgotten.")]
    public required DateTimeOffset ForgetAt { get; init; }
}

/// <summary>
/// Remembers who sent before. A suspicious sender that nobody knows is asked to come back later (greylisting, RFC 6647), which programs that send spam seldom do; once it did, or
/// a message of it was kept, it is known.
/// </summary>
internal sealed class SenderHistories(IStore store, KeyedHashes hashes, IOptions<SenderOptions> options, TimeProvider time)
{
    /// <summary>Messages after which a sender counts as one of ours.</summary>
    public const int ManyKept = 3;

    /// <summary>New senders of one network (an IPv4 address, an IPv6 /48) that are remembered within an hour; the others wait without being known for it.</summary>
    private const int MostOfNetwork = 100;

    private static readonly TimeSpan RetryWithin = TimeSpan.FromHours(24);
    private readonly Tallies<string> _strangers = new(TimeSpan.FromHours(1), time);
    private readonly ConcurrentQueue<(ObjectId Sender, DateTimeOffset FirstAt)> _waiting = new(); // oldest first

    /// <summary>Senders that wait, from wherever they come; past it the oldest is forgotten. Those from before a start of the service are not among them, and go within a day.</summary>
    internal int MostWaiting { get; init; } = 50_000;

    /// <summary>A sender whose author's domain was confirmed is that domain; any other is its network and the domain it names.</summary>
    public ValueTask<ObjectId> OfAsync(string? confirmedAuthor, IPAddress? client, string senderDomain, CancellationToken cancellationToken) =>
        hashes.OfAsync("sender", confirmedAuthor is not null ? $"author {confirmedAuthor}" : $"client {(client is null ? "" : ClientNetwork.Of(client))} {senderDomain.ToLowerInvariant()}", cancellationToken);

    /// <summary>How many of its messages were kept, up to <see cref="ManyKept"/>.</summary>
    public int KeptOf(ObjectId sender) => Find(store, sender)?.Kept ?? 0;

    /// <summary>Null when it has waited long enough.</summary>
    public async Task<SmtpReply?> AskToWaitAsync(ObjectId sender, IPAddress? client, CancellationToken cancellationToken)
    {
        var delay = TimeSpan.FromMinutes(options.Value.GreylistMinutes);
        var now = time.GetUtcNow();
        if (delay == TimeSpan.Zero)
            return null;
        var known = Find(store, sender);
        if (known is not null && (known.Kept > 0 || now - known.FirstAt >= delay))
            return null;
        known ??= new SenderHistoryRow { Sender = sender, FirstAt = now, Kept = 0, ForgetAt = now + RetryWithin };
        if (known.FirstAt == now && _strangers.Add(client is null ? "" : ClientNetwork.SiteOf(client)) <= MostOfNetwork)
            known = await RememberAsync(known, cancellationToken);
        var minutes = (int)Math.Max(1, Math.Ceiling((known.FirstAt + delay - now).TotalMinutes));
        return new SmtpReply(451, "4.7.1", $"Your server is not known here yet; the message is taken when you try again in {minutes} minutes", "greylisted");
    }

    private Task<SenderHistoryRow> RememberAsync(SenderHistoryRow stranger, CancellationToken cancellationToken)
    {
        _waiting.Enqueue((stranger.Sender, stranger.FirstAt));
        var oldest = _waiting.Count > MostWaiting && _waiting.TryDequeue(out var first) ? first : default;
        return store.WriteAsync(
            transaction =>
            {
                // Unless it came back, and is known by now.
                if (transaction.Get(SenderHistoryRow.All, Key.Of(oldest.Sender)) is { Kept: 0 } waiting && waiting.FirstAt == oldest.FirstAt)
                    transaction.Delete(SenderHistoryRow.All, Key.Of(oldest.Sender));
                var row = Find(transaction, stranger.Sender) ?? stranger;
                transaction.Put(SenderHistoryRow.All, row);
                return row;
            },
            cancellationToken);
    }

    /// <summary>Part of the write that keeps a message of it.</summary>
    public void CountKept(IStoreTransaction transaction, ObjectId sender)
    {
        var now = time.GetUtcNow();
        var known = Find(transaction, sender);
        var kept = Math.Min((known?.Kept ?? 0) + 1, ManyKept);
        var forgetAt = now + TimeSpan.FromDays(options.Value.KnownDays);
        // Not with every message: a day more or less does not matter.
        if (known is not null && known.Kept == kept && forgetAt - known.ForgetAt < TimeSpan.FromDays(1))
            return;
        transaction.Put(SenderHistoryRow.All, new SenderHistoryRow { Sender = sender, FirstAt = known?.FirstAt ?? now, Kept = kept, ForgetAt = forgetAt });
    }

    /// <summary>Those whose time is over.</summary>
    /// <returns>How many there were; at <paramref name="most"/> there may be more.</returns>
    public Task<int> ForgetAsync(int most, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return store.WriteAsync(
            transaction =>
            {
                var over = transaction.Range(SenderHistoryRow.All, [0], Key.Of(now), most, index: "forgetAt");
                foreach (var row in over)
                    transaction.Delete(SenderHistoryRow.All, Key.Of(row.Sender));
                return over.Count;
            },
            cancellationToken);
    }

    private SenderHistoryRow? Find(IStoreReader reader, ObjectId sender) =>
        reader.Get(SenderHistoryRow.All, Key.Of(sender)) is { } row && row.ForgetAt > time.GetUtcNow() ? row : null;
}
