using Appliance.Mail.Headers;

namespace Appliance.Mail.Dkim;

/// <summary>Signs a message (RFC 6376 §5), relaxed/relaxed, all of the body.</summary>
public static class DkimSigner
{
    /// <summary>RFC 6376 §5.4.1: what a reader sees or answers to. From is signed once more than it stands, so that none can be added.</summary>
    public static IReadOnlyList<string> UsualFields { get; } =
        ["from", "from", "to", "cc", "subject", "date", "message-id", "reply-to", "in-reply-to", "references", "mime-version", "content-type", "content-transfer-encoding"];

    /// <returns>The field to put first, line end included.</returns>
    public static byte[] Sign(HeaderBlock message, SigningKey key, DateTimeOffset now, IReadOnlyList<string>? fields = null)
    {
        fields ??= UsualFields;
        var hash = new MessageHash(message);
        var body = Convert.ToBase64String(hash.Body(Canonicalization.Relaxed).Hash);
        var before = $"DKIM-Signature: v=1; a={key.Algorithm.Word()}; c=relaxed/relaxed;\r\n d={key.Domain}; s={key.Selector}; t={now.ToUnixTimeSeconds()};\r\n"
            + $" h={string.Join(":\r\n  ", fields.Chunk(8).Select(line => string.Join(':', line)))};\r\n bh={body};\r\n b=";
        return key.Complete(before, "", unsigned => hash.Header(fields, unsigned, Canonicalization.Relaxed)).Bytes.ToArray();
    }
}
