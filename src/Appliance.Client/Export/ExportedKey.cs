using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Bcpg;

namespace Appliance.Client.Export;

/// <summary>
/// Locks a private key anew for another OpenPGP program (RFC 4880 §5.5.3): its secret numbers under a person's passphrase, iterated and salted
/// S2K with SHA-256 at its largest count, AES-256. All else in the key stays as it is. Takes keys locked as ours are; refuses others.
/// </summary>
public static class ExportedKey
{
    /// <summary>65,011,712 bytes (§3.7.1.3): a person chose the passphrase, so guessing has to cost something.</summary>
    private const int LargestCount = 0xFF;

    private const int BlockLength = 16;

    /// <param name="lockedKey">Binary transferable secret key.</param>
    /// <param name="passphrase">What locks it now.</param>
    /// <param name="newPassphrase">What shall lock the copy.</param>
    /// <returns>Binary transferable secret key.</returns>
    /// <exception cref="FormatException">Not a key of ours, or locked by another passphrase.</exception>
    public static byte[] Relock(byte[] lockedKey, string passphrase, string newPassphrase)
    {
        try
        {
            using var input = new BcpgInputStream(new MemoryStream(lockedKey));
            using var copy = new MemoryStream();
            var isPrivate = false;
            using (var output = new BcpgOutputStream(copy))
            {
                while (input.ReadPacket() is { } packet)
                {
                    isPrivate |= packet is SecretKeyPacket;
                    (packet is SecretKeyPacket secret ? Relock(secret, passphrase, newPassphrase) : (ContainedPacket)packet).Encode(output);
                }
            }
            return isPrivate ? copy.ToArray() : throw NotOurs();
        }
        catch (Exception exception) when (exception is not (FormatException or OutOfMemoryException))
        {
            // The bytes come from outside, and BouncyCastle answers malformed ones with whatever exception it runs into.
            throw NotOurs(exception);
        }
    }

    private static SecretKeyPacket Relock(SecretKeyPacket secret, string passphrase, string newPassphrase)
    {
        if (secret.S2kUsage != SecretKeyPacket.UsageSha1 || secret.EncAlgorithm != SymmetricKeyAlgorithmTag.Aes256
            || secret.S2k is not { Type: S2k.SaltedAndIterated, HashAlgorithm: HashAlgorithmTag.Sha256 })
            throw NotOurs();
        var clear = Cfb(secret.GetSecretKeyData(), secret.S2k, passphrase, secret.GetIV(), encrypt: false);
        try
        {
#pragma warning disable CA5350 // the format's own checksum, under encryption
            if (clear.Length < SHA1.HashSizeInBytes
                || !SHA1.HashData(clear.AsSpan(..^SHA1.HashSizeInBytes)).AsSpan().SequenceEqual(clear.AsSpan(clear.Length - SHA1.HashSizeInBytes)))
                throw NotOurs();
#pragma warning restore CA5350
            var s2k = new S2k(HashAlgorithmTag.Sha256, RandomNumberGenerator.GetBytes(8), LargestCount);
            var iv = RandomNumberGenerator.GetBytes(BlockLength);
            var locked = Cfb(clear, s2k, newPassphrase, iv, encrypt: true);
            return secret is SecretSubkeyPacket
                ? new SecretSubkeyPacket(secret.PublicKeyPacket, SymmetricKeyAlgorithmTag.Aes256, SecretKeyPacket.UsageSha1, s2k, iv, locked)
                : new SecretKeyPacket(secret.PublicKeyPacket, SymmetricKeyAlgorithmTag.Aes256, SecretKeyPacket.UsageSha1, s2k, iv, locked);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(clear);
        }
    }

    private static byte[] Cfb(byte[] data, S2k s2k, string passphrase, byte[] iv, bool encrypt)
    {
        var key = Stretch(s2k, passphrase);
        using var aes = Aes.Create();
        aes.SetKey(key);
        CryptographicOperations.ZeroMemory(key);
        // .NET's CFB without padding takes whole blocks only.
        var padded = new byte[(data.Length + BlockLength - 1) / BlockLength * BlockLength];
        data.CopyTo(padded, 0);
        var result = encrypt
            ? aes.EncryptCfb(padded, iv, PaddingMode.None, feedbackSizeInBits: 128)
            : aes.DecryptCfb(padded, iv, PaddingMode.None, feedbackSizeInBits: 128);
        CryptographicOperations.ZeroMemory(padded);
        return result[..data.Length];
    }

    // RFC 4880 §3.7.1.3; one SHA-256 is as long as the key.
    private static byte[] Stretch(S2k s2k, string passphrase)
    {
        byte[] unit = [.. s2k.GetIV(), .. Encoding.UTF8.GetBytes(passphrase)];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var left = Math.Max(s2k.IterationCount, unit.Length); left > 0; left -= unit.Length)
            hash.AppendData(unit.AsSpan(0, (int)Math.Min(left, unit.Length)));
        CryptographicOperations.ZeroMemory(unit);
        return hash.GetHashAndReset();
    }

    private static FormatException NotOurs(Exception? inner = null) =>
        new("The private key is not locked as this program locks keys; it cannot be exported.", inner);
}
