using System.Buffers;
using System.Security.Cryptography;
using Appliance.Mail.Headers;

namespace Appliance.Mail.Dkim;

/// <summary>What signatures over one message are made of: hashes of its body, each computed once, and of the fields a signature names.</summary>
internal sealed class MessageHash(HeaderBlock message)
{
    private readonly BodyHash.Result?[] _bodies = new BodyHash.Result?[2];

    public BodyHash.Result Body(Canonicalization form) => _bodies[(int)form] ??= BodyHash.Of(message.Body, form);

    /// <summary>
    /// RFC 6376 §5.4.2, §3.7: of fields of one name the lowest that was not taken yet; one that is not there counts as nothing, which keeps it from being added. The
    /// signing field itself comes last, and is none of those it names (§3.5, h=).
    /// </summary>
    public byte[] Header(IReadOnlyList<string> names, RawField signing, Canonicalization form)
    {
        var signed = new ArrayBufferWriter<byte>(2048);
        var taken = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in names)
        {
            var at = taken.GetValueOrDefault(name, message.Fields.Count) - 1;
            while (at >= 0 && (!message.Fields[at].Is(name) || message.Fields[at] == signing))
                at--;
            taken[name] = Math.Max(at, 0);
            if (at >= 0)
                CanonicalHeader.Write(signed, message.Fields[at].Bytes.Span, form);
        }
        CanonicalHeader.WriteSigning(signed, signing.Bytes.Span, form);
        return SHA256.HashData(signed.WrittenSpan);
    }
}
