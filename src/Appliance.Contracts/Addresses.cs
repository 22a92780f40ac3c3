namespace Appliance.Contracts;

/// <summary>POST /control/domains, over the control socket only: a domain to receive mail for, or other settings of one.</summary>
/// <param name="AliasOf">Another name of this domain.</param>
/// <param name="CatchAll">The member's address that gets mail to addresses nobody has.</param>
/// <param name="OldHost">The mail server the domain is moving away from, HOST or HOST:PORT, which gets mail to addresses that nobody has here.</param>
public sealed record DomainRequest(string Domain, string? AliasOf, string? CatchAll, string? OldHost = null);

/// <summary>GET /control/domains.</summary>
public sealed record DomainResponse(string Domain, string? AliasOf, string? CatchAll, string? OldHost, DateTimeOffset AddedAt);

/// <summary>POST /control/aliases, over the control socket only. Without targets the alias is removed.</summary>
public sealed record AliasRequest(string Address, IReadOnlyList<string> Targets);

/// <summary>GET /control/aliases.</summary>
public sealed record AliasResponse(string Address, IReadOnlyList<string> Targets);
