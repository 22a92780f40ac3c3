using System.Security.Cryptography;
using Appliance.Crypto.Formats;

namespace Appliance.Crypto.Sealing;

/// <summary>Version 1 of our small sealed values: <c>1 ‖ nonce 12 ‖ AES-256-GCM ciphertext ‖ tag 16</c> (docs/formats.md).</summary>
internal static class SealedBytes
{
    public const byte Version = 1;
    public const int KeyLength = 32;
    public const int NonceLength = 12;
    public const int TagLength = 16;
    public const int Overhead = 1 + NonceLength + TagLength;

    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData) =>
        Seal(key, plaintext, associatedData, RandomBytes.Get(NonceLength));

    /// <summary>With a nonce that is given: for test vectors. A nonce is never used twice with one key.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> nonce)
    {
        var value = new byte[Overhead + plaintext.Length];
        value[0] = Version;
        nonce.CopyTo(value.AsSpan(1, NonceLength));
        using var gcm = new AesGcm(key, TagLength);
        gcm.Encrypt(nonce, plaintext, value.AsSpan(1 + NonceLength, plaintext.Length), value.AsSpan(value.Length - TagLength), associatedData);
        return value;
    }

    /// <param name="what">Names the value in the error.</param>
    /// <exception cref="FormatException">Too short, or of another version.</exception>
    /// <exception cref="AuthenticationTagMismatchException">Changed, or made under another key or for another place.</exception>
    public static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ReadOnlySpan<byte> associatedData, string what)
    {
        if (value.Length < Overhead)
            throw new FormatException($"The {what} is cut short.");
        if (value[0] != Version)
            throw new FormatException($"The {what} has version {value[0]}, which is not known to this program; update it.");
        var plaintext = new byte[value.Length - Overhead];
        using var gcm = new AesGcm(key, TagLength);
        gcm.Decrypt(value.Slice(1, NonceLength), value[(1 + NonceLength)..^TagLength], value[^TagLength..], plaintext, associatedData);
        return plaintext;
    }
}
