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
    DateTimeOffset? ExpiresAt);

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

/// <summary>The mailbox's change number after the operation.</summary>
public sealed record FlagsResponse(long HighestModSeq);

/// <summary>
/// GET /api/events: a server-sent event <c>changed</c> per mailbox change, and nothing else about it. Data: this record.
/// The first event after connecting states where the mailbox is.
/// </summary>
public sealed record ChangedEvent(string MailboxId, long HighestModSeq);
