using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Appliance.Crypto.Keys;

/// <summary>Looks at a private key from outside: is every secret part of it under a passphrase? Opens nothing.</summary>
public static class LockedKeyShape
{
    private const int LongestKey = 256 * 1024;

    /// <summary>True for exactly one binary transferable secret key of this fingerprint, all of whose parts are locked (RFC 4880 §5.5.3).</summary>
    public static bool IsLocked(ReadOnlySpan<byte> secretKey, string fingerprint)
    {
        if (secretKey.Length > LongestKey)
            return false;
        try
        {
            using var input = new MemoryStream(secretKey.ToArray());
            var ring = new PgpSecretKeyRing(input);
            return input.Position == input.Length
                && Convert.ToHexStringLower(ring.GetPublicKey().GetFingerprint()) == fingerprint
                && ring.GetSecretKeys().All(key => key.KeyEncryptionAlgorithm != SymmetricKeyAlgorithmTag.Null);
        }
        // The bytes come from outside, and BouncyCastle answers malformed ones with whatever exception it runs into.
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return false;
        }
    }
}
