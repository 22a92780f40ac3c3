using System.Buffers;
using System.Security.Cryptography;
using Appliance.Mail.Headers;

namespace Appliance.Mail.Dkim;

/// <summary>What signatures over one message are made of: hashes of its body, each computed once, and of the fields a signature names.</summary>
internal sealed class MessageHash(HeaderBlock message)
{
    private readonly BodyHash.Result?[] _bodies = new BodyHash.Result?[2];
    // A signature may name a thousand fields of a header that has ten thousand.
    private readonly ILookup<string, RawField> _fields = message.Fields.ToLookup(field => field.Name, StringComparer.OrdinalIgnoreCase);

    public BodyHash.Result Body(Canonicalization form) => _bodies[(int)form] ??= BodyHash.Of(message.Body, form);

    /// <summary>
    /// RFC 6376 §5.4.2, §3.7: of fields of one name the lowest that was not taken yet; one that is not there counts as nothing, which keeps it from being added. The
    /// signing field itself comes last, and is none of those it names (§3.5, h=).
    /// </summary>
    public byte[] Header(IReadOnlyList<string> names, RawField signing, Canonicalization form)
    {
        var signed = new ArrayBufferWriter<byte>(2048);
        var left = new Dictionary<string, Stack<RawField>>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in names.Where(name => name.Length > 0))
        {
            if (!left.TryGetValue(name, out var fields))
                left[name] = fields = new Stack<RawField>(_fields[name].Where(field => field.Offset != signing.Offset));
            if (fields.TryPop(out var lowest))
                CanonicalHeader.Write(signed, lowest.Bytes.Span, form);
        }
        CanonicalHeader.WriteSigning(signed, signing.Bytes.Span, form);
        return SHA256.HashData(signed.WrittenSpan);
    }
}
