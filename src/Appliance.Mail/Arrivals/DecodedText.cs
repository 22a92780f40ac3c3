using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Appliance.Crypto.Formats;
using MimeKit.Encodings;

namespace Appliance.Mail.Arrivals;

/// <summary>The beginning of a text part as characters, transfer encoding and charset undone, in pooled memory that is cleared.</summary>
internal sealed class DecodedText : IDisposable
{
    private static readonly Encoding Western;
    private readonly char[] _characters;
    private readonly int _length;

    static DecodedText()
    {
        Charsets.Register();
        Western = Encoding.GetEncoding(1252);
    }

    private DecodedText(char[] characters, int length) => (_characters, _length) = (characters, length);

    public ReadOnlySpan<char> Span => _characters.AsSpan(0, _length);

    public static DecodedText Of(ReadOnlySequence<byte> message, MimeNode part, int maxEncodedBytes)
    {
        var length = (int)Math.Min(part.Length, maxEncodedBytes);
        var isCut = length < part.Length;
        var encoded = ArrayPool<byte>.Shared.Rent(length);
        var decoded = encoded;
        try
        {
            message.Slice(part.Offset, length).CopyTo(encoded);
            if (Decoder(part.Encoding) is { } decoder)
            {
                decoded = ArrayPool<byte>.Shared.Rent(decoder.EstimateOutputLength(length));
                length = decoder.Decode(encoded, 0, length, decoded);
            }
            var bytes = decoded.AsSpan(0, length);
            var characters = ArrayPool<char>.Shared.Rent(length + 16);
            // A character that was cut in two is left out, not replaced.
            Charset(part.Parameters.GetValueOrDefault("charset"), bytes).GetDecoder()
                .Convert(bytes, characters, flush: !isCut, out _, out var written, out _);
            return new DecodedText(characters, written);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(encoded, clearArray: true);
            if (decoded != encoded)
                ArrayPool<byte>.Shared.Return(decoded, clearArray: true);
        }
    }

    public void Dispose() => ArrayPool<char>.Shared.Return(_characters, clearArray: true);

    private static IMimeDecoder? Decoder(string encoding) => encoding switch
    {
        "base64" => new Base64Decoder(),
        "quoted-printable" => new QuotedPrintableDecoder(),
        "x-uuencode" or "uuencode" or "x-uue" => new UUDecoder(),
        _ => null,
    };

    private static Encoding Charset(string? name, ReadOnlySpan<byte> bytes) => name?.Trim().ToLowerInvariant() switch
    {
        // Many senders label UTF-8, or their local set, as ASCII or not at all.
        null or "" or "us-ascii" or "ascii" or "ansi_x3.4-1968" or "unknown-8bit" => LooksLikeUtf8(bytes) ? Encoding.UTF8 : Western,
        "utf-8" or "utf8" => Encoding.UTF8,
        // What is labelled Latin-1 is windows-1252, which has it whole; likewise GB 18030 has GB 2312 and GBK, and 949 has KS C 5601.
        "iso-8859-1" or "iso8859-1" or "latin1" => Western,
        "gb2312" or "gbk" or "x-gbk" or "cp936" or "gb_2312-80" => Encoding.GetEncoding(54936),
        "ks_c_5601-1987" or "euc-kr" or "cp949" => Encoding.GetEncoding(949),
        var other => Known(other) ?? (LooksLikeUtf8(bytes) ? Encoding.UTF8 : Western),
    };

    private static Encoding? Known(string name)
    {
        try
        {
            return name.StartsWith("cp", StringComparison.Ordinal) && int.TryParse(name.AsSpan(2), out var page)
                ? Encoding.GetEncoding(page)
                : Encoding.GetEncoding(name);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static bool LooksLikeUtf8(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.LastIndexOfAny(" \n"u8);
        return Utf8.IsValid(end < 0 ? bytes : bytes[..end]);
    }
}
