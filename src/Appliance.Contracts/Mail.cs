namespace Appliance.Contracts;

/// <summary>
/// GET /api/mailboxes/{mailboxId}/folders/{folderId}/messages?before={uid}&amp;after={uid}&amp;limit={1..200}: newest first.
/// </summary>
/// <param name="More">Whether older messages follow the last one of this page.</param>
public sealed record MessageListResponse(FolderResponse Folder, long HighestModSeq, IReadOnlyList<MessageResponse> Messages, bool More);

/// <summary>One message of a mailbox; also GET /api/mailboxes/{mailboxId}/messages/{messageId}.</summary>
/// <param name="Origin"><c>arrival</c>, <c>submission</c>, <c>member</c>, <c>import</c>, <c>system</c> or <c>draft</c>.</param>
/// <param name="Inner"><c>none</c>, <c>pgp</c> or <c>smime</c>: how it was encrypted before it came.</param>
/// <param name="Size">RFC 822 size in bytes as received.</param>
/// <param name="Flags">IMAP system flags without the backslash, lower case: <c>seen</c>, <c>flagged</c>, <c>answered</c>.</param>
/// <param name="KeyFingerprint">The address key it was sealed to, lower-case hexadecimal.</param>
/// <param name="Summary">The sealed part <c>summary</c>.</param>
/// <param name="Slip">The sealed part <c>slip</c>.</param>
/// <param name="ExpiresAt">When it is destroyed, the earliest of <paramref name="Expiry"/>; null: never.</param>
/// <param name="Segments">In order; the bytes come from GET …/messages/{messageId}/segments/{index}.</param>
public sealed record MessageResponse(
    string MessageId,
    string FolderId,
    uint Uid,
    long ModSeq,
    DateTimeOffset ArrivedAt,
    string Origin,
    string Inner,
    long Size,
    IReadOnlyList<string> Flags,
    string KeyFingerprint,
    IReadOnlyList<KeyPacketResponse> KeyPackets,
    byte[] Summary,
    byte[] Slip,
    IReadOnlyList<SegmentResponse> Segments,
    DateTimeOffset? ExpiresAt,
    ExpiryResponse? Expiry);

/// <param name="Opens"><c>body</c> or <c>slip</c>.</param>
/// <param name="Type"><c>pkesk</c>.</param>
/// <param name="Suite"><c>v4-ecdh-aes256</c> or <c>v4-rsa-aes256</c>.</param>
public sealed record KeyPacketResponse(string Opens, string Type, string Suite, byte[] Packet);

/// <param name="SealedLength">Bytes to fetch.</param>
public sealed record SegmentResponse(int Index, long SealedLength);

/// <summary>
/// POST /api/mailboxes/{mailboxId}/messages/flags: idempotent by <paramref name="OperationId"/>, which the client
/// makes (an id) and may send again after a lost answer.
/// </summary>
public sealed record FlagsRequest(string OperationId, IReadOnlyList<string> MessageIds, IReadOnlyList<string> Add, IReadOnlyList<string> Remove);

/// <summary>
/// POST /api/mailboxes/{mailboxId}/messages/move: takes messages out of wherever they are and puts them into the folder. To undo it,
/// move them back. Idempotent by <paramref name="OperationId"/>.
/// </summary>
public sealed record MoveRequest(string OperationId, IReadOnlyList<string> MessageIds, string FolderId);

/// <summary>
/// POST /api/mailboxes/{mailboxId}/messages/expiry: when the member wants messages destroyed, in place of what they said before. Other reasons stay and the
/// earliest counts. Idempotent by <paramref name="OperationId"/>.
/// </summary>
/// <param name="At">The time, in the future; null: not by time.</param>
/// <param name="BurnAfterMinutes">1 to 525,600 minutes after a message was first marked as seen; null: not for being read.</param>
public sealed record ExpiryRequest(string OperationId, IReadOnlyList<string> MessageIds, DateTimeOffset? At, int? BurnAfterMinutes);

/// <summary>
/// POST /api/mailboxes/{mailboxId}/messages/destroy: destroys messages at once; nothing brings them back. Idempotent by
/// <paramref name="OperationId"/>.
/// </summary>
public sealed record DestroyRequest(string OperationId, IReadOnlyList<string> MessageIds);

/// <summary>The mailbox's change number after the operation.</summary>
public sealed record ChangeResponse(long HighestModSeq);

/// <summary>Every reason to destroy a message, each with its time; the earliest counts.</summary>
/// <param name="Folder">It lies in Junk or Trash.</param>
/// <param name="BurnAfterMinutes">Minutes after <paramref name="OpenedAt"/>, which is null until the message was marked as seen.</param>
public sealed record ExpiryResponse(
    DateTimeOffset? Sender,
    DateTimeOffset? Member,
    DateTimeOffset? Folder,
    DateTimeOffset? Account,
    DateTimeOffset? Policy,
    int? BurnAfterMinutes,
    DateTimeOffset? OpenedAt);

/// <summary>
/// GET /api/events: a server-sent event <c>changed</c> per mailbox change, and nothing else about it. Data: this record.
/// The first event after connecting states where the mailbox is.
/// </summary>
public sealed record ChangedEvent(string MailboxId, long HighestModSeq);
