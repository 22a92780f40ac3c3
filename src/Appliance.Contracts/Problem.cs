namespace Appliance.Contracts;

/// <summary>What a client reads of an <c>application/problem+json</c> (RFC 9457).</summary>
public sealed record Problem
{
    public string? Code { get; init; }

    public string? Title { get; init; }

    public string? Detail { get; init; }
}
