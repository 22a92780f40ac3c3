namespace Appliance.Contracts;

/// <summary>POST /control/setup, over the control socket only.</summary>
public sealed record SetupRequest(string Domain, string Admin);

/// <summary>POST /control/invitations, over the control socket only.</summary>
public sealed record InvitationRequest(string Address);

/// <summary>A one-time link and when it stops working.</summary>
public sealed record LinkResponse(string Link, DateTimeOffset ExpiresAt);

/// <summary>GET /control/users.</summary>
/// <param name="State"><c>invited</c> or <c>active</c>.</param>
/// <param name="UsedBytes">What the messages in the mailbox have.</param>
/// <param name="QuotaBytes">What they may have, when that is not what everybody may; 0: any number.</param>
public sealed record UserResponse(string Address, string State, bool IsOperator, DateTimeOffset Since, long UsedBytes = 0, long? QuotaBytes = null);

/// <summary>POST /control/quotas, over the control socket only.</summary>
/// <param name="Bytes">Null: what everybody has; 0: any number.</param>
public sealed record QuotaRequest(string Address, long? Bytes);

/// <summary>What a member's mailbox has and may have from now on.</summary>
public sealed record QuotaResponse(string Address, long UsedBytes, long? QuotaBytes);

/// <summary>GET /control/mx: what happened at the ports for mail since the service started.</summary>
/// <param name="SessionsNow">Those that run.</param>
/// <param name="RefusedConnections">Of banned networks, too many, or while the service ends.</param>
/// <param name="Tls">Sessions that have ended, by what was spoken at last: <c>Tls12</c>, <c>Tls13</c>, <c>clear</c>.</param>
/// <param name="Refusals">4xx and 5xx, by code and enhanced code (RFC 3463).</param>
/// <param name="BudgetFreeBytes">Memory that arriving messages may still take.</param>
public sealed record MxStatusResponse(
    DateTimeOffset Since, long SessionsNow, long Sessions, long RefusedConnections, long Messages, IReadOnlyDictionary<string, long> Tls, long FailedHandshakes,
    IReadOnlyDictionary<string, long> Refusals, long BudgetFreeBytes);

/// <summary>POST /control/store/verify.</summary>
/// <param name="Pages">Pages of 8 KiB that were opened.</param>
/// <param name="Rows">Rows by collection.</param>
/// <param name="BlobBytes">Bytes of the blobs that were opened.</param>
/// <param name="Findings">What is wrong; empty when the store is whole.</param>
/// <param name="FindingsLeftOut">Further findings, when there were too many to list.</param>
public sealed record StoreVerifyResponse(
    long Pages, IReadOnlyDictionary<string, long> Rows, long Blobs, long BlobBytes, IReadOnlyList<StoreFinding> Findings, long FindingsLeftOut);

/// <summary>Something that is not as it was written.</summary>
/// <param name="Where">The file and page, the collection and row (in hex), or the blob.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record StoreFinding(string Where, string Problem, string Remedy);

/// <summary>POST /control/store/compact and /control/store/rekey.</summary>
/// <param name="BytesBefore">Length of the page files; blobs are not copied.</param>
public sealed record StoreRewriteResponse(long BytesBefore, long BytesAfter);

/// <summary>POST /control/time/confirm.</summary>
/// <param name="Now">What the service takes the time to be.</param>
/// <param name="Destroyed">Messages that had expired by then.</param>
public sealed record TimeConfirmResponse(DateTimeOffset Now, int Destroyed);

/// <summary>POST /control/trace: what happened to mail from and to an address within seven days.</summary>
public sealed record TraceRequest(string Address);

/// <param name="Role"><c>from</c> or <c>to</c>: which end of the message the address was.</param>
/// <param name="Outcome"><c>inbox</c>, <c>junk</c>, <c>refused</c> or <c>deferred</c> (the sender was asked to try again).</param>
/// <param name="Reply">What the sending server was told: code and enhanced code (RFC 3463).</param>
/// <param name="Message">Its id in our Received, when it was kept.</param>
public sealed record TraceResponse(DateTimeOffset At, string Role, string Outcome, string Reply, string? Cause, string? Message);
