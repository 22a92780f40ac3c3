using Appliance.Contracts;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;
using Appliance.Server.Storage;

namespace Appliance.Server.Mailboxes;

/// <summary>Answers what a client reads: lists, messages, sealed segments. Takes the erasure layer off the key packets.</summary>
public sealed partial class MailboxReader(IStore store, IExpiryClock clock, ILogger<MailboxReader> log)
{
    public MessageListResponse? List(MailboxId mailbox, FolderId folderId, uint? before, uint? after, int limit)
    {
        if (store.Get(FolderRow.All, Key.Of(mailbox.Value, folderId.Value)) is not { } folder
            || store.Get(MailboxRow.All, Key.Of(mailbox.Value)) is not { } mailboxRow)
            return null;
        var first = after is { } newerThan ? newerThan + 1UL : 0;
        var last = before is { } olderThan ? olderThan - 1L : uint.MaxValue;
        var messages = new List<MessageResponse>(limit);
        var isMore = true;
        // What has expired takes no place: a page is short only at the end.
        while (isMore && messages.Count < limit)
        {
            var places = first > uint.MaxValue || last < (long)first
                ? []
                : store.Range(
                    MembershipRow.All,
                    Key.Of(mailbox.Value, folderId.Value, (uint)first),
                    Key.Of(mailbox.Value, folderId.Value, (uint)last),
                    limit - messages.Count + 1,
                    descending: true);
            var taken = places.Take(limit - messages.Count).ToList();
            isMore = places.Count > taken.Count;
            messages.AddRange(taken.Select(DescribeIfReadable).OfType<MessageResponse>());
            last = taken is [.., var oldest] ? oldest.Uid - 1L : -1;
        }
        return new MessageListResponse(folder.ToResponse(), mailboxRow.HighestModSeq, messages, isMore);
    }

    public MessageResponse? Find(MailboxId mailbox, MessageId message) =>
        store.PlacesOf(mailbox, message) is [var place, ..] ? Describe(place) : null;

    /// <summary>The sealed segment, or null when there is no such message or segment.</summary>
    public async Task<ReadOnlyMemory<byte>?> ReadSegmentAsync(MailboxId mailbox, MessageId message, int index, CancellationToken cancellationToken)
    {
        if (store.Get(MessageRow.All, Key.Of(mailbox.Value, message.Value)) is not { } row
            || clock.Hides(row)
            || store.Get(BodyRow.All, Key.Of(row.BodyId.Value)) is not { } body
            || body.Segments.FirstOrDefault(segment => segment.Index == index) is not { } place)
            return null;
        return body.Blob is { } blob
            ? await store.Blobs.ReadAsync(blob, place.Offset, place.Length, cancellationToken)
            : body.Inline!.Value.Slice((int)place.Offset, place.Length);
    }

    // One message on a damaged page must not take the others of its list along; asked for by itself it is an error.
    private MessageResponse? DescribeIfReadable(MembershipRow place)
    {
        try
        {
            return Describe(place);
        }
        catch (StoreDamagedException damage)
        {
            LogLeftOut(damage.Message);
            return null;
        }
    }

    // A message destroyed between the reads is passed over, and one that has expired is not shown, even if it was not destroyed yet.
    private MessageResponse? Describe(MembershipRow place)
    {
        var key = Key.Of(place.MailboxId.Value, place.MessageId.Value);
        if (store.Get(MessageRow.All, key) is not { } message
            || clock.Hides(message)
            || store.Get(ErasureKeyRow.All, key) is not { } erasureKey
            || store.Get(BodyRow.All, Key.Of(message.BodyId.Value)) is not { } body)
            return null;
        return new MessageResponse(
            message.Id.ToString(),
            place.FolderId.ToString(),
            place.Uid,
            message.ModSeq,
            message.ArrivedAt,
            Names.Of(message.Origin),
            Names.Of(message.Inner),
            message.Size,
            Names.Of(message.Flags),
            message.KeyFingerprint,
            [.. message.KeyPackets.Select(packet => new KeyPacketResponse(
                Names.Of(packet.Opens),
                packet.Type,
                packet.Suite,
                ErasureKey.Unwrap(erasureKey.Value, packet.Wrapped, message.Id, message.MailboxId)))],
            body.Summary,
            message.Slip,
            [.. body.Segments.Select(segment => new SegmentResponse(segment.Index, segment.Length))],
            message.ExpiresAt,
            message.Expiry?.ToResponse());
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A message is left out of a list, see appliance store verify: {Damage}")]
    private partial void LogLeftOut(string damage);
}
