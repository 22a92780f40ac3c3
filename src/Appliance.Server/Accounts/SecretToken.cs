using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Appliance.Server.Accounts;

/// <summary>What proves a session or a link: 32 random bytes, with their owner as base64url, in the store as SHA-256.</summary>
internal static class SecretToken
{
    private const int Bytes = 32;

    public static (string Token, byte[] Hash) New()
    {
        var bytes = RandomNumberGenerator.GetBytes(Bytes);
        return (Base64Url.EncodeToString(bytes), SHA256.HashData(bytes));
    }

    /// <summary>Null when the text is no token, whatever it is.</summary>
    public static byte[]? HashOf(string token)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        return Base64Url.DecodeFromChars(token, bytes, out _, out var length) == OperationStatus.Done && length == Bytes
            ? SHA256.HashData(bytes)
            : null;
    }
}
