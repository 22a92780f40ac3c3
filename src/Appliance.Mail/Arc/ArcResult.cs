using Appliance.Mail.AuthResults;

namespace Appliance.Mail.Arc;

/// <summary>RFC 8617 §4.4.</summary>
public enum ArcResult
{
    /// <summary>No intermediary sealed it.</summary>
    None,
    Pass,
    Fail,
}

/// <summary>Who passed a message on, and what it found when the message came to it.</summary>
/// <param name="Domain"><c>d=</c> of the seal, A-labels.</param>
/// <param name="Results">Its ARC-Authentication-Results, without the instance: a claim, as good as the sealer.</param>
public sealed record ArcHop(int Instance, string Domain, string Results);

/// <param name="Hops">From the first; only when the chain holds.</param>
/// <param name="CoversFrom">Whether the last one signed the author; if not, anybody may have changed it since.</param>
/// <param name="Reason">One sentence for a person.</param>
public sealed record ArcOutcome(ArcResult Result, IReadOnlyList<ArcHop> Hops, bool CoversFrom, string Reason)
{
    /// <summary>The word of RFC 8617, lower case.</summary>
    public string Word => ResultWord.Of(Result);

    /// <summary>The last sealer's domain.</summary>
    public string? Sealer => Hops.Count > 0 ? Hops[^1].Domain : null;
}
