using System.Security.Cryptography;
using Appliance.Mail.Arrivals;
using Appliance.Mail.Headers;

namespace Appliance.Mail.Dkim;

/// <summary>What signatures over one message are made of: hashes of its body, each computed once, and of the fields a signature names.</summary>
internal sealed class MessageHash(HeaderBlock message)
{
    private readonly BodyHash.Result?[] _bodies = new BodyHash.Result?[2];
    // A signature may name a thousand fields of a header that has ten thousand: by its name the lowest field, and by its index the next of its name above it.
    private readonly Dictionary<string, int> _lowest = new(StringComparer.OrdinalIgnoreCase);
    private readonly int[] _above = new int[message.Fields.Count];

    public BodyHash.Result Body(Canonicalization form) => _bodies[(int)form] ??= BodyHash.Of(message.Body, form);

    /// <summary>
    /// RFC 6376 §5.4.2, §3.7: of fields of one name the lowest that was not taken yet; one that is not there counts as nothing, which keeps it from being added. The
    /// signing field itself comes last, and is none of those it names (§3.5, h=).
    /// </summary>
    public byte[] Header(IReadOnlyList<string> names, RawField signing, Canonicalization form)
    {
        if (_lowest.Count == 0)
            FindFields();
        using var signed = new ScratchBytes(2048);
        var left = new Dictionary<string, int>(_lowest, StringComparer.OrdinalIgnoreCase);
        foreach (var name in names)
        {
            if (!left.TryGetValue(name, out var at))
                continue;
            if (at >= 0 && message.Fields[at].Offset == signing.Offset)
                at = _above[at];
            if (at < 0)
                continue;
            CanonicalHeader.Write(signed, message.Fields[at].Bytes.Span, form);
            left[name] = _above[at];
        }
        CanonicalHeader.WriteSigning(signed, signing.Bytes.Span, form);
        return SHA256.HashData(signed.Span);
    }

    private void FindFields()
    {
        for (var i = 0; i < _above.Length; i++)
        {
            var name = message.Fields[i].Name;
            _above[i] = _lowest.GetValueOrDefault(name, -1);
            if (name.Length > 0)
                _lowest[name] = i;
        }
    }
}
