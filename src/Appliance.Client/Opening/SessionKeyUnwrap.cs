using System.Buffers.Binary;
using System.Security.Cryptography;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;
using NSec.Cryptography;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Agreement;
using Org.BouncyCastle.Crypto.Encodings;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Utilities;

namespace Appliance.Client.Opening;

/// <summary>The private-key side of a version 3 PKESK packet (RFC 4880 §5.1, RFC 6637): RSA, ECDH on NIST curves and on Curve25519.</summary>
internal static class SessionKeyUnwrap
{
    private const int FixedLength = 10; // version, key id, algorithm

    public static SessionKey Open(ReadOnlySpan<byte> packet, IReadOnlyDictionary<long, PgpPrivateKey> keys)
    {
        if (!PacketHeader.TryRead(packet, PacketHeader.PublicKeyEncryptedSessionKey, out var header) || header.BodyLength < FixedLength)
            throw Broken("is not one");
        var body = packet[header.HeaderLength..];
        if (body[0] != SessionKeyWrap.Version)
            throw Broken($"has version {body[0]}, which is not known to this program");
        if (!keys.TryGetValue(BinaryPrimitives.ReadInt64BigEndian(body[1..]), out var key) || (byte)key.PublicKeyPacket.Algorithm != body[9])
            throw Broken("is for another key");
        var data = Decrypt(key, body[FixedLength..]) ?? throw Broken("does not open");
        try
        {
            return SessionKeyData.TryRead(data, out var sessionKey) ? new SessionKey(sessionKey.ToArray()) : throw Broken("does not open");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(data);
        }
    }

    private static byte[]? Decrypt(PgpPrivateKey key, ReadOnlySpan<byte> fields)
    {
        if (!TryReadNumber(ref fields, out var number))
            return null;
        if (key.Key is RsaKeyParameters rsa)
            return fields.IsEmpty ? DecryptRsa(rsa, number) : null;
        if (fields.IsEmpty || fields[0] != fields.Length - 1)
            return null;
        var wrapped = fields[1..].ToArray();
        var shared = key.Key switch
        {
            X25519PrivateKeyParameters curve25519 => Agree(curve25519, number),
            ECPrivateKeyParameters nist => Agree(nist, number),
            _ => null,
        };
        if (shared is null)
            return null;
        var data = EcdhKeyWrap.For(key.PublicKeyPacket).Unwrap(shared, wrapped);
        CryptographicOperations.ZeroMemory(shared);
        return data;
    }

    private static byte[]? DecryptRsa(RsaKeyParameters key, byte[] number)
    {
        var rsa = new Pkcs1Encoding(new RsaBlindedEngine());
        rsa.Init(forEncryption: false, key);
        try
        {
            return rsa.ProcessBlock(number, 0, number.Length);
        }
        catch (Exception exception) when (exception is CryptoException or ArgumentException)
        {
            return null;
        }
    }

    private static byte[]? Agree(X25519PrivateKeyParameters key, byte[] point)
    {
        // RFC 7748 §5 ignores the top bit; nobody sets it, and refusing it leaves no bit of a packet without effect.
        if (point.Length != 33 || point[0] != 0x40 || point[^1] >= 0x80)
            return null;
        var scalar = key.GetEncoded();
        using var own = Key.Import(KeyAgreementAlgorithm.X25519, scalar, KeyBlobFormat.RawPrivateKey);
        CryptographicOperations.ZeroMemory(scalar);
        var ephemeral = PublicKey.Import(KeyAgreementAlgorithm.X25519, point.AsSpan(1), KeyBlobFormat.RawPublicKey);
        var exportable = new SharedSecretCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };
        using var secret = KeyAgreementAlgorithm.X25519.Agree(own, ephemeral, exportable);
        return secret?.Export(SharedSecretBlobFormat.RawSharedSecret);
    }

    private static byte[]? Agree(ECPrivateKeyParameters key, byte[] point)
    {
        ECPublicKeyParameters ephemeral;
        try
        {
            ephemeral = new ECPublicKeyParameters(key.Parameters.Curve.DecodePoint(point), key.Parameters);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            return null; // not on the curve
        }
        var agreement = new ECDHBasicAgreement();
        agreement.Init(key);
        return BigIntegers.AsUnsignedByteArray(agreement.GetFieldSize(), agreement.CalculateAgreement(ephemeral));
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> fields, out byte[] number)
    {
        number = [];
        if (fields.Length < 2)
            return false;
        var bits = BinaryPrimitives.ReadUInt16BigEndian(fields);
        var length = (bits + 7) / 8;
        if (fields.Length < 2 + length)
            return false;
        number = fields.Slice(2, length).ToArray();
        fields = fields[(2 + length)..];
        // RFC 4880 §3.2: the count starts at the most significant one bit. Held strictly, so no bit of a packet is without effect.
        return length > 0 && (length * 8) - byte.LeadingZeroCount(number[0]) == bits;
    }

    private static SealBrokenException Broken(string why) => new($"The key packet {why}. " + SealBrokenException.Restore);
}
