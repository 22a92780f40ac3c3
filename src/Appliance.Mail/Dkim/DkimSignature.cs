using System.Globalization;
using Appliance.Mail.Addresses;
using Appliance.Mail.Headers;

namespace Appliance.Mail.Dkim;

/// <summary>A signature over a message: DKIM-Signature (RFC 6376 §3.5) or ARC-Message-Signature (RFC 8617 §4.1.2), which is the same without version and identity.</summary>
/// <param name="Domain"><c>d=</c>, A-labels.</param>
/// <param name="Identity">The domain of <c>i=</c>.</param>
/// <param name="SignedFields"><c>h=</c>, as written.</param>
/// <param name="Length"><c>l=</c>: how many octets of the body are covered; null: all.</param>
/// <param name="Expires"><c>x=</c>, seconds since 1970.</param>
internal sealed record DkimSignature(
    RawField Field,
    SignatureAlgorithm Algorithm,
    byte[] Signature,
    byte[] BodyHash,
    Canonicalization HeaderForm,
    Canonicalization BodyForm,
    string Domain,
    string Selector,
    string Identity,
    IReadOnlyList<string> SignedFields,
    long? Length,
    long? Expires)
{
    private const int MostSignedFields = 1000;

    /// <summary>Enough of <c>b=</c> to tell signatures apart (RFC 6008 §3).</summary>
    public string Beginning => Convert.ToBase64String(Signature.AsSpan(0, Math.Min(6, Signature.Length)));

    public static (DkimSignature? Signature, string? Wrong) Parse(RawField field) => TagList.Parse(field.Value.Span) switch
    {
        null => (null, "the signature is not written as RFC 6376 has it"),
        { } tags when tags["v"] != "1" => (null, "the signature is of an unknown version"),
        var tags => Parse(field, tags, tags["i"], "simple/simple") switch
        {
            ({ CoversFrom: false }, _) => (null, "the signature does not cover From"), // RFC 6376 §5.4
            var parsed => parsed,
        },
    };

    /// <summary>
    /// In a signature of ARC <c>i=</c> is a number, which its set has read. The suite also wants two things of the drafts: relaxed/relaxed where nothing is said, and that
    /// no field need be covered; whoever relies on the chain looks at <see cref="CoversFrom"/>.
    /// </summary>
    public static (DkimSignature? Signature, string? Wrong) ParseArc(RawField field, TagList tags) => Parse(field, tags, identity: null, "relaxed/relaxed");

    /// <summary>Whether the author is signed.</summary>
    public bool CoversFrom => SignedFields.Contains("from", StringComparer.OrdinalIgnoreCase);

    /// <summary>Domain and selector of a signature, as far as they can be read, to speak of one that is wrong.</summary>
    public static (string? Domain, string? Selector, string? Algorithm) NamesIn(RawField field) =>
        TagList.Parse(field.Value.Span) is { } tags ? (ReadDomain(tags["d"]), ReadSelector(tags["s"]), tags["a"]) : (null, null, null);

    internal static string? ReadDomain(string? written) =>
        written is not null && MailDomain.TryParse(written, out var domain) && domain.Literal is null && domain.Ascii.Contains('.', StringComparison.Ordinal) ? domain.Ascii : null;

    internal static string? ReadSelector(string? written) =>
        written is not null && MailDomain.TryParse(written, out var selector) && selector.Literal is null ? selector.Ascii : null;

    private static (DkimSignature?, string?) Parse(RawField field, TagList tags, string? identity, string forms)
    {
        if (tags["a"] is not { } written || SignatureAlgorithms.Parse(written) is not { } algorithm)
            return (null, tags["a"] == "rsa-sha1" ? "SHA-1 proves nothing any more" : "the signature's algorithm is not known");
        if (TagList.Base64(tags["b"]) is not { } signature)
            return (null, "the signature is empty or not base64");
        if (TagList.Base64(tags["bh"]) is not { } bodyHash)
            return (null, "the signature has no hash of the body");
        if (ReadForms(tags["c"] ?? forms) is not var (header, body))
            return (null, "the signature's canonicalization is not known");
        if (ReadDomain(tags["d"]) is not { } domain)
            return (null, "the signature names no domain");
        if (ReadSelector(tags["s"]) is not { } selector)
            return (null, "the signature names no key");
        if (tags["h"]?.Split(':') is not { Length: > 0 and <= MostSignedFields } fields)
            return (null, "the signature names no header fields");
        fields = Array.ConvertAll(fields, TagList.Unspaced);
        if (tags["q"] is { } query && !query.Split(':').Any(method => method.Trim() is "dns/txt" or "dns"))
            return (null, "the signature's key is not in the DNS");
        var signer = identity is null ? domain : ReadDomain(identity[(identity.LastIndexOf('@') + 1)..]);
        if (signer is null || (signer != domain && !signer.EndsWith("." + domain, StringComparison.Ordinal)))
            return (null, "the signature's identity is not in its domain");
        if (!IsNumberOrAbsent(tags["l"], out var length) || !IsNumberOrAbsent(tags["t"], out var time) || !IsNumberOrAbsent(tags["x"], out var expires))
            return (null, "the signature has a wrong number");
        if (expires <= time)
            return (null, "the signature ends before it begins");
        return (new DkimSignature(field, algorithm, signature, bodyHash, header, body, domain, selector, signer, fields, length, expires), null);
    }

    private static (Canonicalization Header, Canonicalization Body)? ReadForms(string written)
    {
        var (header, body) = written.ToLowerInvariant().Split('/') switch
        {
            [var only] => (only, "simple"),
            [var first, var second] => (first, second),
            _ => ("", ""),
        };
        return ReadForm(header) is { } one && ReadForm(body) is { } other ? (one, other) : null;
    }

    private static Canonicalization? ReadForm(string word) => word switch
    {
        "simple" => Canonicalization.Simple,
        "relaxed" => Canonicalization.Relaxed,
        _ => null,
    };

    /// <summary>§3.5: up to 76 digits; beyond what a clock or a message can have, all are the same.</summary>
    internal static bool IsNumberOrAbsent(string? written, out long? number)
    {
        number = null;
        if (written is null)
            return true;
        if (written.Length is 0 or > 76 || written.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return false;
        number = long.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var read) ? read : long.MaxValue;
        return true;
    }
}
