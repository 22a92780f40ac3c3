namespace Appliance.Contracts;

/// <summary>POST /control/setup, over the control socket only.</summary>
public sealed record SetupRequest(string Domain, string Admin);

/// <summary>POST /control/invitations, over the control socket only.</summary>
public sealed record InvitationRequest(string Address);

/// <summary>A one-time link and when it stops working.</summary>
public sealed record LinkResponse(string Link, DateTimeOffset ExpiresAt);

/// <summary>GET /control/users.</summary>
/// <param name="State"><c>invited</c> or <c>active</c>.</param>
public sealed record UserResponse(string Address, string State, bool IsOperator, DateTimeOffset Since);
