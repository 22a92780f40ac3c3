using System.Buffers;
using System.Security.Cryptography;
using Appliance.Mail.Dkim;

namespace Appliance.Mail.Arc;

/// <summary>The ARC-Seal of one set (RFC 8617 §4.1.3): a signature over the ARC fields alone.</summary>
internal sealed record ArcSeal(ArcSet Set, SignatureAlgorithm Algorithm, byte[] Signature, string Domain, string Selector)
{
    public static (ArcSeal? Seal, string? Wrong) Parse(ArcSet set)
    {
        var tags = set.SealTags;
        if (tags["h"] is not null)
            return (null, "a seal names header fields"); // §4.1.3: then it must fail
        if (tags["a"] is not { } written || SignatureAlgorithms.Parse(written) is not { } algorithm)
            return (null, "a seal's algorithm is not known");
        if (TagList.Base64(tags["b"]) is not { } signature)
            return (null, "a seal is empty or not base64");
        if (DkimSignature.ReadDomain(tags["d"]) is not { } domain || DkimSignature.ReadSelector(tags["s"]) is not { } selector)
            return (null, "a seal names no key");
        return DkimSignature.IsNumberOrAbsent(tags["t"], out _)
            ? (new ArcSeal(set, algorithm, signature, domain, selector), null)
            : (null, "a seal has a wrong time");
    }

    /// <summary>§5.1.1: the fields of all sets up to this one, in their order, this seal without its signature.</summary>
    public static byte[] HashOf(IEnumerable<ArcSet> upToThis)
    {
        var signed = new ArrayBufferWriter<byte>(4096);
        var sets = upToThis.ToList();
        foreach (var set in sets)
        {
            CanonicalHeader.Write(signed, set.ResultsField.Bytes.Span, Canonicalization.Relaxed);
            CanonicalHeader.Write(signed, set.Message.Bytes.Span, Canonicalization.Relaxed);
            if (set == sets[^1])
                CanonicalHeader.WriteSigning(signed, set.Seal.Bytes.Span, Canonicalization.Relaxed);
            else
                CanonicalHeader.Write(signed, set.Seal.Bytes.Span, Canonicalization.Relaxed);
        }
        return SHA256.HashData(signed.WrittenSpan);
    }
}
