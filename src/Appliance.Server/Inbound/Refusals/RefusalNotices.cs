using System.Buffers;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;
using Appliance.Mail.Smtp;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;

namespace Appliance.Server.Inbound.Refusals;

/// <summary>
/// Tells members what was refused that was written to them, sealed like mail: one object a day in each mailbox, of at most 200 refusals or half a row, and a count of the others.
/// 30 days later it is deleted.
/// </summary>
internal sealed partial class RefusalNotices(IStore store, MailboxChanges changes, TimeProvider time, ILogger<RefusalNotices> log)
    : WriteBehind(TimeSpan.FromSeconds(2), time)
{
    public const int MostADay = 200;

    private const int MostBytesADay = 512 * 1024; // a row has room for twice that
    private const int MostAuthors = 5;
    private const int MostCharacters = 300; // of what a stranger wrote

    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);
    private readonly Lock _gate = new();
    private Dictionary<(MailboxId Mailbox, DateOnly Day), Waiting> _waiting = [];
    private readonly Dictionary<(MailboxId Mailbox, DateOnly Day), Told> _told = []; // so that nothing is sealed that has no place

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
            From = summary?.From.Take(MostAuthors).Select(author => new MailAddress(Cut(author.Name), Cut(author.Address) ?? "")).ToList() ?? [],
            Subject = Cut(summary?.Subject),
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
                var pieces = store.Get(ObjectRow.All, Key.Of(to.MailboxId.Value, ObjectRow.RefusalsOf(day)))?.Sealed ?? [];
                told = new Told(pieces.Count, pieces.Sum(LengthOf));
            }
            if (told.Pieces >= MostADay || told.Bytes >= MostBytesADay)
            {
                waiting.LeftOut++;
                return;
            }
            using var session = new BodySessionKey();
            var piece = new SealedPiece(
                to.Key.Fingerprint, session.WrapFor(to.Key).Packet, session.Seal(PartName.Refusal, new ReadOnlySequence<byte>(notice.ToJson())));
            waiting.Pieces.Add(piece);
            _told[key] = new Told(told.Pieces + 1, told.Bytes + LengthOf(piece));
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

    private static string? Cut(string? text) => text is { Length: > MostCharacters } ? text[..MostCharacters] : text;

    private static int LengthOf(SealedPiece piece) => piece.KeyPacket.Length + piece.Part.Length;

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

    private readonly record struct Told(int Pieces, long Bytes);

    private sealed class Waiting
    {
        public List<SealedPiece> Pieces { get; } = [];

        public int LeftOut { get; set; }
    }
}
