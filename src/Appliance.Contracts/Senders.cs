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
