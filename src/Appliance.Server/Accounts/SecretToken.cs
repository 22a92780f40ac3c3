using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Appliance.Server.Accounts;

/// <summary>
/// What a session's cookie or a one-time link carries: 32 random bytes as base64url (RFC 4648 §5, no padding). The store keeps their
/// SHA-256 only.
/// </summary>
internal static class SecretToken
{
    private const int ByteLength = 32;
    private const int TextLength = 43;

    public static (string Text, byte[] Hash) New()
    {
        var bytes = RandomNumberGenerator.GetBytes(ByteLength);
        return (Base64Url.EncodeToString(bytes), SHA256.HashData(bytes));
    }

    /// <summary>Null for what <see cref="New"/> cannot have made.</summary>
    public static byte[]? HashOf(string text)
    {
        Span<byte> bytes = stackalloc byte[ByteLength];
        // Not TryDecodeFromChars: that one throws on malformed text.
        return text.Length == TextLength
            && Base64Url.DecodeFromChars(text, bytes, out _, out var written) == OperationStatus.Done && written == ByteLength
            ? SHA256.HashData(bytes)
            : null;
    }
}
