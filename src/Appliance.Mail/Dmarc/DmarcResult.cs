using Appliance.Mail.AuthResults;

namespace Appliance.Mail.Dmarc;

/// <summary>RFC 8601 §2.7.6, RFC 9989 §9.</summary>
public enum DmarcResult
{
    /// <summary>The author's domain publishes no policy.</summary>
    None,

    /// <summary>The author's domain sent or signed it.</summary>
    Pass,
    Fail,

    /// <summary>The DNS did not say.</summary>
    TempError,
    PermError,
}

/// <summary>What DMARC says of a message.</summary>
/// <param name="AuthorDomain">A-labels.</param>
/// <param name="PolicyDomain">Where the record stands that was used.</param>
/// <param name="Policy">What it asks for in this case; that of a domain which is only testing is milder by one.</param>
/// <param name="SpfAligned">SPF passed for a domain that counts as the author's.</param>
/// <param name="AlignedDkimDomains">Those that signed and count as the author's.</param>
/// <param name="Reason">One sentence for a person.</param>
public sealed record DmarcOutcome(
    DmarcResult Result, string AuthorDomain, string? PolicyDomain, DmarcPolicy Policy, bool SpfAligned, IReadOnlyList<string> AlignedDkimDomains, string Reason)
{
    /// <summary>The word of RFC 8601, lower case.</summary>
    public string Word => ResultWord.Of(Result);
}
