using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Bcpg.Sig;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;

namespace Appliance.Client.Keys;

/// <summary>
/// An OpenPGP v4 key pair, its private half locked by a passphrase. <see cref="Generate"/> makes the one profile that GnuPG,
/// OpenPGP.js, BouncyCastle and Sequoia all read: Ed25519 (legacy EdDSA) that certifies and signs, Curve25519 ECDH that
/// encrypts; AES-256, SHA-512/SHA-256, no compression, SEIPDv1 only (docs/formats.md, "Account keys").
/// </summary>
/// <param name="PublicKey">Binary transferable public key.</param>
/// <param name="PrivateKey">Binary transferable secret key, locked.</param>
public sealed record LockedKey(string Fingerprint, byte[] PublicKey, byte[] PrivateKey)
{
    private const int IteratedCount = 0x60; // 65,536 bytes (RFC 4880 §3.7.1.3); the passphrase is random, so stretching adds nothing
    private const int IteratedBytes = 65_536;

    public static LockedKey Generate(string userId, string passphrase, DateTimeOffset now)
    {
        var created = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()).UtcDateTime;
        var random = new SecureRandom();
        var signingKey = new Ed25519PrivateKeyParameters(random);
        var encryptionKey = new X25519PrivateKeyParameters(random);
        var primary = new PgpKeyPair(PublicKeyAlgorithmTag.EdDsa_Legacy, signingKey.GeneratePublicKey(), signingKey, created);
        var subkey = new PgpKeyPair(PublicKeyAlgorithmTag.ECDH, encryptionKey.GeneratePublicKey(), encryptionKey, created);
        var certification = Certify(primary, userId, created);
        var binding = Bind(primary, subkey, created);

        var subkeyPacket = subkey.PublicKey.PublicKeyPacket;
        var publicKey = Concat(
            primary.PublicKey.PublicKeyPacket, userId, certification,
            new PublicSubkeyPacket(PublicKeyPacket.Version4, subkeyPacket.Algorithm, created, subkeyPacket.Key), binding);
        // RFC 4880bis §13.3: the secret MPI of Curve25519 is the clamped scalar, most significant octet first.
        var scalar = encryptionKey.GetEncoded();
        scalar[0] &= 0xF8;
        scalar[31] = (byte)((scalar[31] & 0x7F) | 0x40);
        Array.Reverse(scalar);
        var privateKey = Concat(
            Lock(primary, signingKey.GetEncoded(), passphrase, isSubkey: false), userId, certification,
            Lock(subkey, scalar, passphrase, isSubkey: true), binding);
        return new LockedKey(Convert.ToHexStringLower(primary.PublicKey.GetFingerprint()), publicKey, privateKey);
    }

    private static PgpSignature Certify(PgpKeyPair primary, string userId, DateTime created)
    {
        var subpackets = new PgpSignatureSubpacketGenerator();
        subpackets.SetSignatureCreationTime(false, created);
        subpackets.SetIssuerFingerprint(false, primary.PublicKey);
        subpackets.SetKeyFlags(false, KeyFlags.CertifyOther | KeyFlags.SignData);
        subpackets.SetPreferredSymmetricAlgorithms(false, [(int)SymmetricKeyAlgorithmTag.Aes256]);
        subpackets.SetPreferredHashAlgorithms(false, [(int)HashAlgorithmTag.Sha512, (int)HashAlgorithmTag.Sha256]);
        subpackets.SetPreferredCompressionAlgorithms(false, [(int)CompressionAlgorithmTag.Uncompressed]);
        subpackets.SetFeature(false, Features.FEATURE_MODIFICATION_DETECTION);
        subpackets.SetPrimaryUserId(false, true);
        var generator = new PgpSignatureGenerator(PublicKeyAlgorithmTag.EdDsa_Legacy, HashAlgorithmTag.Sha512);
        generator.InitSign(PgpSignature.PositiveCertification, primary.PrivateKey);
        generator.SetHashedSubpackets(subpackets.Generate());
        return generator.GenerateCertification(userId, primary.PublicKey);
    }

    private static PgpSignature Bind(PgpKeyPair primary, PgpKeyPair subkey, DateTime created)
    {
        var subpackets = new PgpSignatureSubpacketGenerator();
        subpackets.SetSignatureCreationTime(false, created);
        subpackets.SetIssuerFingerprint(false, primary.PublicKey);
        subpackets.SetKeyFlags(false, KeyFlags.EncryptComms | KeyFlags.EncryptStorage);
        var generator = new PgpSignatureGenerator(PublicKeyAlgorithmTag.EdDsa_Legacy, HashAlgorithmTag.Sha512);
        generator.InitSign(PgpSignature.SubkeyBinding, primary.PrivateKey);
        generator.SetHashedSubpackets(subpackets.Generate());
        return generator.GenerateCertification(primary.PublicKey, subkey.PublicKey);
    }

    // RFC 4880 §5.5.3: the secret number and its SHA-1 under AES-256-CFB. BouncyCastle would derive that key with SHA-1.
    private static SecretKeyPacket Lock(PgpKeyPair pair, byte[] secret, string passphrase, bool isSubkey)
    {
        var number = new BigInteger(1, secret);
        var digits = number.ToByteArrayUnsigned();
        var clear = new byte[2 + digits.Length + SHA1.HashSizeInBytes];
        BinaryPrimitives.WriteUInt16BigEndian(clear, (ushort)number.BitLength);
        digits.CopyTo(clear, 2);
#pragma warning disable CA5350 // the format's own checksum, under encryption
        SHA1.HashData(clear.AsSpan(..^SHA1.HashSizeInBytes), clear.AsSpan(clear.Length - SHA1.HashSizeInBytes));
#pragma warning restore CA5350

        var salt = RandomNumberGenerator.GetBytes(8);
        var iv = RandomNumberGenerator.GetBytes(16);
        var key = Stretch(passphrase, salt);
        using var aes = Aes.Create();
        aes.SetKey(key);
        var padded = new byte[(clear.Length + 15) / 16 * 16];
        clear.CopyTo(padded, 0);
        var locked = aes.EncryptCfb(padded, iv, PaddingMode.None, feedbackSizeInBits: 128)[..clear.Length];
        foreach (var plain in new[] { secret, digits, clear, key, padded })
            CryptographicOperations.ZeroMemory(plain);

        var s2k = new S2k(HashAlgorithmTag.Sha256, salt, IteratedCount);
        var packet = pair.PublicKey.PublicKeyPacket;
        return isSubkey
            ? new SecretSubkeyPacket(packet, SymmetricKeyAlgorithmTag.Aes256, SecretKeyPacket.UsageSha1, s2k, iv, locked)
            : new SecretKeyPacket(packet, SymmetricKeyAlgorithmTag.Aes256, SecretKeyPacket.UsageSha1, s2k, iv, locked);
    }

    // RFC 4880 §3.7.1.3, iterated and salted; one SHA-256 is as long as the key.
    private static byte[] Stretch(string passphrase, byte[] salt)
    {
        byte[] unit = [.. salt, .. Encoding.ASCII.GetBytes(passphrase)];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var left = IteratedBytes; left > 0; left -= unit.Length)
            hash.AppendData(unit.AsSpan(0, Math.Min(left, unit.Length)));
        CryptographicOperations.ZeroMemory(unit);
        return hash.GetHashAndReset();
    }

    private static byte[] Concat(ContainedPacket primary, string userId, PgpSignature certification, ContainedPacket subkey, PgpSignature binding) =>
    [
        .. primary.GetEncoded(PacketFormat.Current),
        .. new UserIdPacket(userId).GetEncoded(PacketFormat.Current),
        .. certification.GetEncoded(),
        .. subkey.GetEncoded(PacketFormat.Current),
        .. binding.GetEncoded(),
    ];
}
