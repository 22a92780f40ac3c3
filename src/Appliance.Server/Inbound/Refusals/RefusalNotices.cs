using System.Buffers;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;
using Appliance.Mail.Smtp;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;

namespace Appliance.Server.Inbound.Refusals;

/// <summary>
/// Tells members what was refused that was written to them, sealed like mail: one object a day in each mailbox, of at most 200 refusals and a count of the others. 30 days
/// later it is deleted.
/// </summary>
internal sealed partial class RefusalNotices(IStore store, MailboxChanges changes, TimeProvider time, ILogger<RefusalNotices> log)
    : WriteBehind(TimeSpan.FromSeconds(2), time)
{
    public const int MostADay = 200;

    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);
    private readonly Lock _gate = new();
    private Dictionary<(MailboxId Mailbox, DateOnly Day), Waiting> _waiting = [];
    private readonly Dictionary<(MailboxId Mailbox, DateOnly Day), int> _told = []; // so that nothing is sealed that has no place

    /// <param name="summary">Of the message; null when it was refused before it came.</param>
    public void Tell(IEnumerable<Destination> destinations, SmtpReply reply, SmtpSender sender, Summary? summary)
    {
        var now = Time.GetUtcNow();
        var notice = new RefusalNotice
        {
            At = now,
            Reason = reply.Cause ?? "",
            Reply = $"{reply.Code} {reply.Enhanced} {reply.Text}",
            EnvelopeFrom = sender.Path.Mailbox?.ToString() ?? "",
            From = summary?.From.Take(5).ToList() ?? [],
            Subject = summary?.Subject is { Length: > 300 } subject ? subject[..300] : summary?.Subject,
        };
        foreach (var to in destinations.DistinctBy(to => to.MailboxId))
            Tell(to, DateOnly.FromDateTime(now.UtcDateTime), notice);
    }

    private void Tell(Destination to, DateOnly day, RefusalNotice notice)
    {
        var key = (to.MailboxId, day);
        lock (_gate)
        {
            if (!_waiting.TryGetValue(key, out var waiting))
                _waiting[key] = waiting = new Waiting();
            if (!_told.TryGetValue(key, out var told))
            {
                foreach (var old in _told.Keys.Where(one => one.Day != day).ToList())
                    _told.Remove(old);
                told = store.Get(ObjectRow.All, Key.Of(to.MailboxId.Value, ObjectRow.RefusalsOf(day)))?.Sealed.Count ?? 0;
            }
            if (told >= MostADay)
            {
                waiting.LeftOut++;
                return;
            }
            _told[key] = told + 1;
            using var session = new BodySessionKey();
            waiting.Pieces.Add(new SealedPiece(
                to.Key.Fingerprint, session.WrapFor(to.Key).Packet, session.Seal(PartName.Refusal, new ReadOnlySequence<byte>(notice.ToJson()))));
        }
    }

    /// <summary>Deletes those whose time is over.</summary>
    public Task<int> ForgetAsync(int most, CancellationToken cancellationToken)
    {
        var now = Time.GetUtcNow();
        return store.WriteAsync(
            transaction =>
            {
                var over = transaction.Range(ObjectRow.All, [0], Key.Of(now), most, index: "forgetAt");
                foreach (var row in over)
                    transaction.Delete(ObjectRow.All, ObjectRow.All.Key(row));
                return over.Count;
            },
            cancellationToken);
    }

    protected override async Task WriteAsync()
    {
        Dictionary<(MailboxId Mailbox, DateOnly Day), Waiting> batch;
        lock (_gate)
        {
            batch = _waiting;
            _waiting = [];
        }
        foreach (var ((mailbox, day), waiting) in batch)
            changes.Publish(await store.WriteAsync(transaction => Write(transaction, mailbox, day, waiting), CancellationToken.None));
    }

    protected override void Failed(string reason) => LogFailed(reason);

    private static IReadOnlyList<MailboxChange> Write(IStoreTransaction transaction, MailboxId mailbox, DateOnly day, Waiting waiting)
    {
        if (transaction.Get(MailboxRow.All, Key.Of(mailbox.Value)) is null)
            return [];
        var id = ObjectRow.RefusalsOf(day);
        var before = transaction.Get(ObjectRow.All, Key.Of(mailbox.Value, id));
        var modSeq = transaction.Touch(mailbox).HighestModSeq;
        transaction.Put(ObjectRow.All, new ObjectRow
        {
            MailboxId = mailbox,
            Id = id,
            Kind = ObjectKind.Refusals,
            Sealed = [.. before?.Sealed ?? [], .. waiting.Pieces],
            LeftOut = (before?.LeftOut ?? 0) + waiting.LeftOut,
            ModSeq = modSeq,
            ForgetAt = day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) + Kept,
        });
        return [new MailboxChange(mailbox, modSeq)];
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Members could not be told of some messages that were refused: {Reason}")]
    private partial void LogFailed(string reason);

    private sealed class Waiting
    {
        public List<SealedPiece> Pieces { get; } = [];

        public int LeftOut { get; set; }
    }
}
