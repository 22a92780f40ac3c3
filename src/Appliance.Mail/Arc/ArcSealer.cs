using Appliance.Mail.Dkim;
using Appliance.Mail.Headers;

namespace Appliance.Mail.Arc;

/// <summary>Seals a message that is passed on (RFC 8617 §5.1), so that who gets it next can see what was found here.</summary>
public static class ArcSealer
{
    /// <summary>RFC 8617 §4.1.2: as DKIM would; with what those before it signed.</summary>
    private static readonly IReadOnlyList<string> UsualFields = [.. DkimSigner.UsualFields.Skip(1), "dkim-signature"];

    /// <param name="message">With all the fields it will have but these.</param>
    /// <param name="results">The value of our Authentication-Results (RFC 8601), our name first.</param>
    /// <param name="chain">What we found of the chain so far; what is broken is sealed as broken and stays so.</param>
    /// <returns>The three fields to put first; null when the chain has no room for another set (§4.2.1) or was sealed as broken already (§5.1).</returns>
    public static byte[]? Seal(HeaderBlock message, string results, ArcResult chain, SigningKey key, DateTimeOffset now, IReadOnlyList<string>? fields = null)
    {
        var (sets, wrong) = ArcSet.ReadAll(message);
        if (sets.Count == ArcSet.MostSets || sets.Any(set => set.ChainStatus == "fail") || (sets.Count == 0 && wrong is not null))
            return null;
        fields ??= UsualFields;
        var instance = sets.Count + 1;
        var seconds = now.ToUnixTimeSeconds();
        var algorithm = key.Algorithm.Word();
        var resultsField = SigningKey.ToField($"ARC-Authentication-Results: i={instance}; {results}\r\n");

        var hash = new MessageHash(message);
        var body = Convert.ToBase64String(hash.Body(Canonicalization.Relaxed).Hash);
        var messageField = key.Complete(
            $"ARC-Message-Signature: a={algorithm};\r\n b=",
            $";\r\n bh={body}; c=relaxed/relaxed;\r\n d={key.Domain}; h={string.Join(':', fields)};\r\n i={instance}; s={key.Selector}; t={seconds}",
            unsigned => hash.Header(fields, unsigned, Canonicalization.Relaxed));

        var status = sets.Count == 0 ? "none" : chain == ArcResult.Pass ? "pass" : "fail";
        var sealField = key.Complete(
            $"ARC-Seal: a={algorithm};\r\n b=",
            $"; cv={status}; d={key.Domain};\r\n i={instance}; s={key.Selector}; t={seconds}",
            unsigned =>
            {
                var ours = new ArcSet(instance, resultsField, results, messageField, TagList.Parse("")!, unsigned, TagList.Parse("")!);
                // §5.1.2: a broken chain is not signed over, it could not be checked.
                return ArcSeal.HashOf(status == "fail" ? [ours] : [.. sets, ours]);
            });
        return [.. sealField.Bytes.Span, .. messageField.Bytes.Span, .. resultsField.Bytes.Span];
    }
}
