using System.Globalization;
using Appliance.Mail.AuthResults;

namespace Appliance.Mail.Dmarc;

/// <summary>What a domain wants done with mail that only claims to be its own (RFC 9989 §4.7, p). In order of severity.</summary>
public enum DmarcPolicy
{
    None,
    Quarantine,
    Reject,
}

/// <summary>How near another domain has to be to count as the author's.</summary>
public enum DmarcAlignment
{
    /// <summary>Of the same organization.</summary>
    Relaxed,
    Strict,
}

/// <summary>What a domain says of itself (psd).</summary>
public enum DmarcSuffix
{
    /// <summary>Nothing: the tree walk finds out.</summary>
    Unsaid,

    /// <summary>Others register below it, as below <c>com</c>.</summary>
    Public,

    /// <summary>It is an organization of its own.</summary>
    Organization,
}

/// <summary>A DMARC record (RFC 9989 §4.7). Tags that are unknown or wrong are passed over; those that RFC 7489 had besides (pct, rf, ri) are unknown now.</summary>
/// <param name="IsUsable">False: its policy cannot be read, and it asks for no reports either. Whoever finds it looks no further, and does nothing (§4.10.1).</param>
/// <param name="Subdomains">sp: for subdomains that exist; p where the record does not say.</param>
/// <param name="Nonexistent">np: for subdomains that do not; sp where the record does not say.</param>
/// <param name="IsTesting">t=y: the domain wants the next milder policy for now.</param>
/// <param name="AggregateReports">rua, as URIs.</param>
public sealed record DmarcRecord(
    bool IsUsable,
    DmarcPolicy Policy,
    DmarcPolicy Subdomains,
    DmarcPolicy Nonexistent,
    DmarcAlignment Dkim,
    DmarcAlignment Spf,
    DmarcSuffix Suffix,
    bool IsTesting,
    IReadOnlyList<string> AggregateReports)
{
    private const string Version = "DMARC1";

    /// <summary>Whether a TXT record is one of DMARC at all: its first tag is the version.</summary>
    private static bool Is(string text)
    {
        var first = text.AsSpan();
        var end = first.IndexOf(';');
        first = end < 0 ? first : first[..end];
        var equals = first.IndexOf('=');
        return equals > 0 && first[..equals].Trim(" \t").SequenceEqual("v") && first[(equals + 1)..].Trim(" \t").SequenceEqual(Version);
    }

    /// <summary>Null: no DMARC record.</summary>
    public static DmarcRecord? Parse(string text)
    {
        if (!Is(text))
            return null;
        var tags = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var tag in text.Split(';').Skip(1))
            if (tag.Split('=', 2) is [var name, var value])
                tags.TryAdd(name.Trim(' ', '\t'), value.Trim(' ', '\t'));
        var reports = tags.TryGetValue("rua", out var listed) ? ReadReports(listed) : [];
        var policy = ReadPolicy(tags, "p");
        // §4.10.1: without a policy that can be read, a record that asks for reports is one that asks for nothing else.
        var isWrong = policy is null || HasWrong(tags, "sp") || HasWrong(tags, "np");
        if (isWrong)
        {
            policy = DmarcPolicy.None;
            tags.Remove("sp");
            tags.Remove("np");
        }
        var subdomains = ReadPolicy(tags, "sp") ?? policy!.Value;
        return new DmarcRecord(
            !isWrong || reports.Count > 0,
            policy!.Value,
            subdomains,
            ReadPolicy(tags, "np") ?? subdomains,
            ReadAlignment(tags, "adkim"),
            ReadAlignment(tags, "aspf"),
            tags.GetValueOrDefault("psd")?.ToLowerInvariant() switch { "y" => DmarcSuffix.Public, "n" => DmarcSuffix.Organization, _ => DmarcSuffix.Unsaid },
            string.Equals(tags.GetValueOrDefault("t"), "y", StringComparison.OrdinalIgnoreCase),
            reports);
    }

    private static DmarcPolicy? ReadPolicy(Dictionary<string, string> tags, string tag) => tags.GetValueOrDefault(tag)?.ToLowerInvariant() switch
    {
        "none" => DmarcPolicy.None,
        "quarantine" => DmarcPolicy.Quarantine,
        "reject" => DmarcPolicy.Reject,
        _ => null,
    };

    private static bool HasWrong(Dictionary<string, string> tags, string tag) => tags.ContainsKey(tag) && ReadPolicy(tags, tag) is null;

    private static DmarcAlignment ReadAlignment(Dictionary<string, string> tags, string tag) =>
        string.Equals(tags.GetValueOrDefault(tag), "s", StringComparison.OrdinalIgnoreCase) ? DmarcAlignment.Strict : DmarcAlignment.Relaxed;

    private static List<string> ReadReports(string list) =>
        [.. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(uri => Uri.TryCreate(uri, UriKind.Absolute, out _))];

    /// <summary>The record as text, complete.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"v={Version}; p={Word(Policy)}; sp={Word(Subdomains)}; np={Word(Nonexistent)}; adkim={Word(Dkim)}; aspf={Word(Spf)}; psd={Word(Suffix)}; t={(IsTesting ? 'y' : 'n')}{(AggregateReports.Count > 0 ? $"; rua={string.Join(',', AggregateReports)}" : "")}");

    internal static string Word(DmarcPolicy policy) => ResultWord.Of(policy);

    private static char Word(DmarcAlignment alignment) => alignment == DmarcAlignment.Strict ? 's' : 'r';

    private static char Word(DmarcSuffix suffix) => suffix switch { DmarcSuffix.Public => 'y', DmarcSuffix.Organization => 'n', _ => 'u' };
}
