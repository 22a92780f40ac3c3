namespace Appliance.Contracts;

/// <summary>GET /api/mailboxes/{mailboxId}/sender-rules: senders the member allows or blocks.</summary>
public sealed record SenderRulesResponse(IReadOnlyList<SenderRuleResponse> Rules);

/// <param name="RuleId">Names the rule; nobody can read the sender from it.</param>
/// <param name="Action"><c>allow</c> or <c>block</c>.</param>
/// <param name="Text">The sender, sealed by the member's client to the member.</param>
public sealed record SenderRuleResponse(string RuleId, string Action, byte[] Text);

/// <summary>PUT /api/mailboxes/{mailboxId}/sender-rules: what to do with a sender's mail from now on.</summary>
/// <param name="Sender">An address or a domain. It is hashed under a key of the server's and not kept.</param>
/// <param name="Action"><c>allow</c>, <c>block</c>, or <c>none</c>: no rule any more.</param>
/// <param name="Text">The sender, sealed by the client to the member, at most 4,096 bytes; empty with <c>none</c>.</param>
public sealed record SenderRuleRequest(string Sender, string Action, byte[] Text);

/// <summary>GET /api/mailboxes/{mailboxId}/refusals: messages to the member that were refused in the last 30 days, the newest day first.</summary>
public sealed record RefusalsResponse(IReadOnlyList<RefusalDayResponse> Days);

/// <param name="Day">In UTC.</param>
/// <param name="Notices">At most 200, oldest first.</param>
/// <param name="LeftOut">How many more were refused that day.</param>
public sealed record RefusalDayResponse(DateOnly Day, IReadOnlyList<SealedPieceResponse> Notices, int LeftOut);

/// <param name="KeyFingerprint">The address key it is sealed to.</param>
/// <param name="KeyPacket">Opens <paramref name="Part"/>.</param>
/// <param name="Part">The sealed part <c>refusal</c>.</param>
public sealed record SealedPieceResponse(string KeyFingerprint, byte[] KeyPacket, byte[] Part);
