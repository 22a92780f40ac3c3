using Appliance.Mail.AuthResults;

namespace Appliance.Mail.Dkim;

/// <summary>RFC 8601 §2.7.1.</summary>
public enum DkimResult
{
    Pass,

    /// <summary>The message is not what was signed.</summary>
    Fail,

    /// <summary>It is, but the signature does not cover all of it (<c>l=</c>).</summary>
    Policy,

    /// <summary>It is not, and the domain says that it is only testing.</summary>
    Neutral,

    /// <summary>The key could not be fetched now.</summary>
    TempError,

    /// <summary>The signature or its key is unusable.</summary>
    PermError,
}

/// <summary>What one signature says.</summary>
/// <param name="Domain">Who signed, A-labels; null when that cannot be read.</param>
/// <param name="Algorithm">As written.</param>
/// <param name="Reason">One sentence for a person.</param>
/// <param name="Signature">The first octets of <c>b=</c>, by which a reader tells several signatures apart (RFC 8601 §2.7.1, RFC 6008).</param>
public sealed record DkimOutcome(DkimResult Result, string? Domain, string? Selector, string? Algorithm, string Reason, string? Signature = null)
{
    /// <summary>The word of RFC 8601, lower case.</summary>
    public string Word => ResultWord.Of(Result);
}
