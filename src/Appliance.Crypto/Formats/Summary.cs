using System.Text.Json;
using System.Text.Json.Serialization;

namespace Appliance.Crypto.Formats;

/// <summary>
/// What a list, an IMAP ENVELOPE and a BODYSTRUCTURE need of a message, so that bodies need not be reopened, and the
/// manifest of its parts. Sealed as the part named <c>summary</c>; see <c>docs/formats.md</c>. Offsets and
/// sizes are bytes as received, counted from the first one.
/// </summary>
public sealed record Summary
{
    public const int CurrentVersion = 1;

    [JsonPropertyName("v")]
    public int Version { get; init; } = CurrentVersion;

    public IReadOnlyList<MailAddress> From { get; init; } = [];

    public IReadOnlyList<MailAddress> Sender { get; init; } = [];

    public IReadOnlyList<MailAddress> ReplyTo { get; init; } = [];

    public IReadOnlyList<MailAddress> To { get; init; } = [];

    public IReadOnlyList<MailAddress> Cc { get; init; } = [];

    public string? Subject { get; init; }

    /// <summary>The Date field as written.</summary>
    public string? Date { get; init; }

    /// <summary>The same instant in UTC, when it could be read.</summary>
    public DateTimeOffset? DateUtc { get; init; }

    public string? MessageId { get; init; }

    public IReadOnlyList<string> InReplyTo { get; init; } = [];

    public IReadOnlyList<string> References { get; init; } = [];

    public string? ListId { get; init; }

    public string? ListUnsubscribe { get; init; }

    public string? AutoSubmitted { get; init; }

    /// <summary>When the sender takes the message to be of no more use (RFC 4021 §2.1.50), in UTC, when that could be read: a hint and no more.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>At most 200 characters of readable text, white space folded.</summary>
    public string Snippet { get; init; } = "";

    public required long Size { get; init; }

    /// <summary>Bytes up to and including the empty line that ends the header.</summary>
    public required long HeaderLength { get; init; }

    public required MimeNode Mime { get; init; }

    public required Verdict Verdict { get; init; }

    /// <summary>Fields taken out on arrival (RFC 8601 §5); with them the received bytes can be rebuilt.</summary>
    public IReadOnlyList<RemovedBytes> Removed { get; init; } = [];

    public IReadOnlyList<ManifestEntry> Manifest { get; init; } = [];

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, FormatJson.Default.Summary);

    /// <exception cref="FormatException">Not a summary, or of a version this program does not know.</exception>
    public static Summary FromJson(ReadOnlySpan<byte> json) =>
        SealedJson.Read<Summary>(json, summary => summary.Version, CurrentVersion);
}

/// <summary>A mailbox or, with no address, the name of a group (RFC 5322 §3.4); decoded to Unicode.</summary>
public sealed record MailAddress(string? Name, string Address);

/// <summary>One node of the MIME tree (RFC 2045). <see cref="Offset"/> and <see cref="Length"/> are its body, still encoded.</summary>
public sealed record MimeNode
{
    /// <summary>Lower case, such as <c>text/plain</c>.</summary>
    public required string Type { get; init; }

    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    public required long HeaderOffset { get; init; }

    public required long Offset { get; init; }

    public required long Length { get; init; }

    public int Lines { get; init; }

    /// <summary>Content-Transfer-Encoding, lower case.</summary>
    public string Encoding { get; init; } = "7bit";

    /// <summary><c>inline</c> or <c>attachment</c>, lower case, when the field is there.</summary>
    public string? Disposition { get; init; }

    public string? FileName { get; init; }

    /// <summary>Without angle brackets.</summary>
    public string? ContentId { get; init; }

    public string? Description { get; init; }

    public IReadOnlyList<string> Language { get; init; } = [];

    public string? Location { get; init; }

    public string? Md5 { get; init; }

    /// <summary>The parts of a multipart; the one root of a message/rfc822.</summary>
    public IReadOnlyList<MimeNode> Children { get; init; } = [];

    /// <summary>Only for message/rfc822.</summary>
    public EmbeddedEnvelope? Envelope { get; init; }
}

/// <summary>The header of an embedded message, as IMAP's ENVELOPE wants it (RFC 9051 §7.5.2).</summary>
public sealed record EmbeddedEnvelope
{
    public IReadOnlyList<MailAddress> From { get; init; } = [];

    public IReadOnlyList<MailAddress> Sender { get; init; } = [];

    public IReadOnlyList<MailAddress> ReplyTo { get; init; } = [];

    public IReadOnlyList<MailAddress> To { get; init; } = [];

    public IReadOnlyList<MailAddress> Cc { get; init; } = [];

    public string? Subject { get; init; }

    public string? Date { get; init; }

    public string? MessageId { get; init; }

    public IReadOnlyList<string> InReplyTo { get; init; } = [];
}

/// <summary>
/// What mail authentication concluded: <c>pass</c> (the author's domain vouches for it, or a sealer that we trust says so), <c>fail</c> (it does
/// not, though it has a policy), <c>temperror</c> (the DNS did not answer) or <c>none</c>.
/// </summary>
/// <param name="Reason">Sentences for a person, in English; clients make their own from the rest.</param>
public sealed record Verdict(string Result, string Reason)
{
    /// <summary>Nothing was checked.</summary>
    public static Verdict None { get; } = new("none", "not checked");

    /// <summary>The author's domain (of the From field), when there is exactly one; A-labels.</summary>
    public string? From { get; init; }

    /// <summary>The envelope's sender, or HELO for a bounce.</summary>
    public MethodResult? Spf { get; init; }

    /// <summary>One for each signature that was looked at.</summary>
    public IReadOnlyList<MethodResult>? Dkim { get; init; }

    /// <summary>Its domain is the one whose record was used.</summary>
    public MethodResult? Dmarc { get; init; }

    /// <summary>What that record asks for: <c>none</c>, <c>quarantine</c> or <c>reject</c>.</summary>
    public string? Policy { get; init; }

    /// <summary>Its domain is the last sealer's.</summary>
    public MethodResult? Arc { get; init; }

    /// <summary>True when that sealer is one this server trusts, and its word counted instead of DMARC's.</summary>
    public bool? ArcTrusted { get; init; }

    /// <summary>
    /// Why it was filed to Junk on arrival: <c>dmarc-quarantine</c> or <c>dmarc-reject</c> (a list or a forwarder may have broken it), <c>listed</c> (its server is on a block list), <c>signs</c>
    /// (they had too many points), <c>spam</c> or <c>virus</c> (a filter said so); null when it was not.
    /// </summary>
    public string? Junk { get; init; }

    /// <summary>Whether the client's address has a name that leads back to it (<c>iprev</c>, RFC 8601 §3), and the name.</summary>
    public MethodResult? ReverseDns { get; init; }

    /// <summary>Block lists that its server is on.</summary>
    public IReadOnlyList<string>? ListedBy { get; init; }

    /// <summary>Lists that vouch for its server.</summary>
    public IReadOnlyList<string>? VouchedBy { get; init; }

    /// <summary>What speaks against it, or for it, in stable words: <c>no-name</c>, <c>link-elsewhere</c>, <c>known</c>…</summary>
    public IReadOnlyList<string>? Signs { get; init; }

    /// <summary>Points of these signs together; more is worse.</summary>
    public double? Points { get; init; }

    /// <summary>What filters said.</summary>
    public IReadOnlyList<FilterResult>? Filters { get; init; }
}

/// <param name="Filter"><c>rspamd</c> or <c>clamd</c>.</param>
/// <param name="Result">rspamd's action; <c>clean</c>, <c>virus</c>, <c>toolong</c>; <c>absent</c> when it did not answer.</param>
/// <param name="Detail">rspamd's score of what it rejects at, or the virus's name.</param>
public sealed record FilterResult(string Filter, string Result, string? Detail = null);

/// <param name="Result">The method's own word, lower case (RFC 8601 §2.7).</param>
/// <param name="Domain">Whose word it is; A-labels.</param>
/// <param name="Aligned">Whether that domain is the author's (RFC 9989 §4.4).</param>
/// <param name="Reason">One sentence for a person.</param>
public sealed record MethodResult(string Result, string? Domain = null, bool? Aligned = null, string? Reason = null);

public sealed record RemovedBytes(long Offset, byte[] Bytes)
{
    /// <summary>Where a byte of the remaining message lay in the received one. <paramref name="removed"/> is in order of offset.</summary>
    public static long ReceivedOffset(IReadOnlyList<RemovedBytes> removed, long remainingOffset)
    {
        foreach (var piece in removed)
            if (piece.Offset <= remainingOffset)
                remainingOffset += piece.Bytes.Length;
        return remainingOffset;
    }
}

/// <summary>One segment: where it lies in the message (null for segment 0, our trace fields), and both its hashes.</summary>
public sealed record ManifestEntry(int Index, long? Offset, long Length, byte[] Sha256, byte[] SealedSha256);

/// <summary>What only this mailbox may know of a message: its envelope and what its rules did.</summary>
public sealed record Slip
{
    public const int CurrentVersion = 1;

    [JsonPropertyName("v")]
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The reverse-path; empty for a bounce.</summary>
    public required string EnvelopeFrom { get; init; }

    public required string EnvelopeTo { get; init; }

    public required string DeliveredTo { get; init; }

    /// <summary>The alias or tag that led here, when there was one.</summary>
    public string? Matched { get; init; }

    public IReadOnlyList<string> Rules { get; init; } = [];

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, FormatJson.Default.Slip);

    /// <exception cref="FormatException">Not a slip, or of a version this program does not know.</exception>
    public static Slip FromJson(ReadOnlySpan<byte> json) =>
        SealedJson.Read<Slip>(json, slip => slip.Version, CurrentVersion);
}
