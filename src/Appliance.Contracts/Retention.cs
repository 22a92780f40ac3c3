namespace Appliance.Contracts;

/// <summary>GET /api/mailboxes/{mailboxId}/retention: how long messages are kept; the earliest of all reasons counts for each.</summary>
/// <param name="Days">By the member's own wish, in days from arrival; null: for good.</param>
/// <param name="PolicyDays">By the operator's rule for everybody; null: there is none.</param>
/// <param name="SuggestsSenderExpiry">Whether a date in a message's own <c>Expires</c> field is offered to the member.</param>
public sealed record RetentionResponse(int? Days, int? PolicyDays, bool SuggestsSenderExpiry);

/// <summary>
/// PUT /api/mailboxes/{mailboxId}/retention. What is there already comes under the rule too, but nothing is destroyed by it for a day. Idempotent by
/// <paramref name="OperationId"/>.
/// </summary>
/// <param name="Days">1 to 36,500; null: keep messages.</param>
public sealed record RetentionRequest(string OperationId, int? Days, bool SuggestsSenderExpiry);

/// <summary>GET /api/mailboxes/{mailboxId}/retention/preview?days={days} and GET /api/policy/preview?days={days}: what a rule would do.</summary>
/// <param name="Messages">How many messages are older than that today; counted to 10,000.</param>
/// <param name="More">There are more than were counted.</param>
/// <param name="From">When those would be destroyed, were the rule set now.</param>
public sealed record RetentionPreviewResponse(int Messages, bool More, DateTimeOffset From);

/// <summary>GET and PUT /api/policy, for the operator alone: what holds in every mailbox.</summary>
/// <param name="RetentionDays">1 to 36,500 days from arrival, with seven days before it destroys anything; null: members decide.</param>
public sealed record PolicyDocument(int? RetentionDays);

/// <summary>POST /api/mailboxes/{mailboxId}/folders/{folderId}/empty: destroys what lies in Junk or Trash, at once and for good.</summary>
/// <param name="ThroughUid">The highest number the member has seen there: what came since stays.</param>
public sealed record EmptyRequest(uint ThroughUid);

public sealed record EmptiedResponse(int Destroyed);
