using System.Buffers;
using System.Text;
using Appliance.Mail.Dkim;
using Appliance.Mail.Headers;

namespace Appliance.Mail.Tests.Dkim;

/// <summary>Messages as text, and the keys of RFC 8463 to sign them with.</summary>
internal static class Messages
{
    public const string Plain = "From: Joe <joe@football.example.com>\r\nTo: Suzie <suzie@shopping.example.net>\r\nSubject: Is dinner ready?\r\n\r\nHi.\r\n\r\nWe lost.\r\n";

    // RFC 8463 A.2: the private half of its Ed25519 key.
    private const string Ed25519Seed = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

    public static SigningKey Ed25519Key(string domain = "football.example.com", string selector = "brisbane") =>
        SigningKey.FromSeed(domain, selector, Convert.FromBase64String(Ed25519Seed));

    public static HeaderBlock Read(string text) => Read(Encoding.UTF8.GetBytes(text));

    public static HeaderBlock Read(byte[] bytes) => HeaderBlock.Read(new ReadOnlySequence<byte>(bytes))!;

    /// <summary>The message under one more field.</summary>
    public static string Signed(string text, SigningKey key, IReadOnlyList<string>? fields = null)
    {
        using var message = Read(text);
        return Encoding.UTF8.GetString(DkimSigner.Sign(message, key, DateTimeOffset.UnixEpoch.AddSeconds(1_528_637_909), fields)) + text;
    }

    /// <summary>The message under a signature with these tags, whatever they say; <c>bh</c> is the body's where it reads <c>*</c>.</summary>
    public static string SignedAs(string text, SigningKey key, string tags, Canonicalization header = Canonicalization.Simple, Canonicalization body = Canonicalization.Simple)
    {
        using var message = Read(text);
        var hash = new MessageHash(message);
        var written = tags.Replace("*", Convert.ToBase64String(hash.Body(body).Hash), StringComparison.Ordinal);
        var names = (TagList.Parse(written)?["h"] ?? "").Split(':', StringSplitOptions.TrimEntries);
        var field = key.Complete($"DKIM-Signature: {written}; b=", "", unsigned => hash.Header(names, unsigned, header));
        return Encoding.UTF8.GetString(field.Bytes.Span) + text;
    }

    /// <summary>The same bytes in pieces that end at these places.</summary>
    public static ReadOnlySequence<byte> Cut(byte[] bytes, IEnumerable<int> places)
    {
        Piece? first = null, last = null;
        var start = 0;
        foreach (var end in places.Where(place => place > 0 && place < bytes.Length).Order().Distinct().Append(bytes.Length))
        {
            last = new Piece(bytes.AsMemory(start, end - start), last);
            first ??= last;
            start = end;
        }
        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            RunningIndex = before is null ? 0 : before.RunningIndex + before.Memory.Length;
            if (before is not null)
                before.Next = this;
        }
    }
}
