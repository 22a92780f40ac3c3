using Appliance.Mail.AuthResults;

namespace Appliance.Mail.Spf;

/// <summary>RFC 7208 §2.6.</summary>
public enum SpfResult
{
    None,
    Neutral,
    Pass,
    Fail,
    SoftFail,
    TempError,
    PermError,
}

/// <summary>What SPF says of one identity.</summary>
/// <param name="Domain">The domain that was asked; empty when there was none to ask.</param>
/// <param name="Reason">One sentence for a person.</param>
/// <param name="Lookups">Terms that asked the DNS, as RFC 7208 §4.6.4 counts them.</param>
/// <param name="Explanation">What the domain wants the sender to be told (<c>exp=</c>), after a fail only. It is theirs, not ours: ASCII, and no more to be trusted than they are.</param>
public sealed record SpfOutcome(SpfResult Result, string Domain, string Reason, int Lookups, string? Explanation = null)
{
    /// <summary>The word of RFC 7208, lower case.</summary>
    public string Word => WordOf(Result);

    public static string WordOf(SpfResult result) => ResultWord.Of(result);
}
