using System.Security.Cryptography;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Parameters;

namespace Appliance.Crypto.Sealing;

/// <summary>
/// From an ECDH shared point to a wrapped session key and back: the one-step KDF of RFC 6637 §7 and the AES key wrap of RFC 3394,
/// with the hash and cipher the recipient's key names.
/// </summary>
internal sealed class EcdhKeyWrap
{
    private readonly HashAlgorithmName _hash;
    private readonly int _keyLength;
    private readonly byte[] _parameters;

    private EcdhKeyWrap(HashAlgorithmName hash, int keyLength, byte[] parameters) =>
        (_hash, _keyLength, _parameters) = (hash, keyLength, parameters);

    /// <exception cref="NotSupportedException">The key asks for a hash or cipher outside RFC 6637 §13.</exception>
    public static EcdhKeyWrap For(PublicKeyPacket packet)
    {
        var key = (ECDHPublicBcpgKey)packet.Key;
        var hash = key.HashAlgorithm switch
        {
            HashAlgorithmTag.Sha256 => HashAlgorithmName.SHA256,
            HashAlgorithmTag.Sha384 => HashAlgorithmName.SHA384,
            HashAlgorithmTag.Sha512 => HashAlgorithmName.SHA512,
            _ => throw new NotSupportedException($"ECDH with hash {key.HashAlgorithm}"),
        };
        var keyLength = key.SymmetricKeyAlgorithm switch
        {
            SymmetricKeyAlgorithmTag.Aes128 => 16,
            SymmetricKeyAlgorithmTag.Aes192 => 24,
            SymmetricKeyAlgorithmTag.Aes256 => 32,
            _ => throw new NotSupportedException($"ECDH with cipher {key.SymmetricKeyAlgorithm}"),
        };
        var oid = key.CurveOid.GetEncoded()[1..]; // without the ASN.1 tag: length ‖ value
        return new EcdhKeyWrap(hash, keyLength,
        [
            .. oid, (byte)PublicKeyAlgorithmTag.ECDH, 3, 1, (byte)key.HashAlgorithm, (byte)key.SymmetricKeyAlgorithm,
            .. "Anonymous Sender    "u8, .. PgpPublicKey.CalculateFingerprint(packet),
        ]);
    }

    public byte[] Wrap(ReadOnlySpan<byte> sharedX, ReadOnlySpan<byte> data)
    {
        // RFC 6637 §8: padded as in PKCS #5, and to 40 octets, which hides the length of the session key.
        var padding = 40 - data.Length;
        var padded = new byte[40];
        data.CopyTo(padded);
        padded.AsSpan(data.Length).Fill((byte)padding);
        try
        {
            return Engine(sharedX, forWrapping: true).Wrap(padded, 0, padded.Length);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(padded);
        }
    }

    /// <summary>Null when the packet was not made for this key.</summary>
    public byte[]? Unwrap(ReadOnlySpan<byte> sharedX, byte[] wrapped)
    {
        byte[] padded;
        try
        {
            padded = Engine(sharedX, forWrapping: false).Unwrap(wrapped, 0, wrapped.Length);
        }
        catch (InvalidCipherTextException)
        {
            return null;
        }
        int padding = padded[^1];
        return padding is 0 or > 40 || padding >= padded.Length || padded.AsSpan(padded.Length - padding).ContainsAnyExcept((byte)padding)
            ? null
            : padded[..^padding];
    }

    // BouncyCastle's engine: thirty one-block calls into .NET's AES cost more than the curve arithmetic.
    private Rfc3394WrapEngine Engine(ReadOnlySpan<byte> sharedX, bool forWrapping)
    {
        var key = new byte[_hash == HashAlgorithmName.SHA256 ? 32 : _hash == HashAlgorithmName.SHA384 ? 48 : 64];
        byte[] hashed = [0, 0, 0, 1, .. sharedX, .. _parameters];
        CryptographicOperations.HashData(_hash, hashed, key);
        CryptographicOperations.ZeroMemory(hashed);
        var engine = new Rfc3394WrapEngine(AesUtilities.CreateEngine());
        engine.Init(forWrapping, new KeyParameter(key, 0, _keyLength));
        CryptographicOperations.ZeroMemory(key);
        return engine;
    }
}
