using System.Buffers.Binary;
using System.Security.Cryptography;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Keys;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Crypto.Agreement;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Utilities;

namespace Appliance.Crypto.Sealing;

/// <summary>
/// Encrypts a session key to one public key: a version 3 PKESK packet (RFC 4880 §5.1). One subclass per way of doing it; all parsing is
/// done beforehand, so an instance may be kept and used by many threads.
/// </summary>
internal abstract class SessionKeyWrap(PgpPublicKey key)
{
    public const int Version = 3;
    private readonly long _keyId = key.KeyId;
    private readonly byte _algorithm = (byte)key.Algorithm;

    public abstract string Suite { get; }

    /// <summary>Null when the key is of a kind that is not encrypted to.</summary>
    public static SessionKeyWrap? For(PgpPublicKey key) => key.GetKey() switch
    {
        RsaKeyParameters rsa => new RsaWrap(key, rsa),
        X25519PublicKeyParameters curve25519 => new Curve25519Wrap(key, curve25519),
        ECPublicKeyParameters nist when key.Algorithm == PublicKeyAlgorithmTag.ECDH && Curves.IsNist(nist.PublicKeyParamSet) => new NistWrap(key, nist),
        _ => null,
    };

    /// <summary>The whole packet, header included.</summary>
    public byte[] Wrap(ReadOnlySpan<byte> sessionKey)
    {
        Span<byte> data = stackalloc byte[SessionKeyData.Length];
        SessionKeyData.Write(sessionKey, data);
        var fields = Encrypt(data);
        CryptographicOperations.ZeroMemory(data);

        var header = PacketHeader.For(PacketHeader.PublicKeyEncryptedSessionKey, 10 + fields.Length);
        var packet = new byte[header.TotalLength];
        header.Write(packet);
        var body = packet.AsSpan(header.HeaderLength);
        body[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(body[1..], _keyId);
        body[9] = _algorithm;
        fields.CopyTo(body[10..]);
        return packet;
    }

    /// <summary>The algorithm's own fields.</summary>
    protected abstract byte[] Encrypt(ReadOnlySpan<byte> data);

    private static byte[] MultiPrecision(ReadOnlySpan<byte> number, int trailing = 0)
    {
        number = number.TrimStart((byte)0);
        var bits = number.IsEmpty ? 0 : (number.Length * 8) - (byte.LeadingZeroCount(number[0]));
        var bytes = new byte[2 + number.Length + trailing];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)bits);
        number.CopyTo(bytes.AsSpan(2));
        return bytes;
    }

    private static byte[] PointAndWrappedKey(ReadOnlySpan<byte> point, byte[] wrapped)
    {
        var fields = MultiPrecision(point, 1 + wrapped.Length);
        fields[^(wrapped.Length + 1)] = (byte)wrapped.Length;
        wrapped.CopyTo(fields.AsSpan(fields.Length - wrapped.Length));
        return fields;
    }

    private sealed class Curve25519Wrap(PgpPublicKey key, X25519PublicKeyParameters point) : SessionKeyWrap(key)
    {
        private readonly EcdhKeyWrap _wrap = EcdhKeyWrap.For(key.PublicKeyPacket);
        private readonly byte[] _recipient = point.GetEncoded();

        public override string Suite => KeyPacket.EcdhSuite;

        protected override byte[] Encrypt(ReadOnlySpan<byte> data)
        {
            Span<byte> shared = stackalloc byte[X25519.Length];
            Span<byte> point = stackalloc byte[1 + X25519.Length];
            point[0] = 0x40; // "native" point format
            X25519.AgreeOnce(_recipient, point[1..], shared);
            var wrapped = _wrap.Wrap(shared, data);
            CryptographicOperations.ZeroMemory(shared);
            return PointAndWrappedKey(point, wrapped);
        }
    }

    // BouncyCastle: .NET's ECDH is faster on P-256 but four times slower on P-384.
    private sealed class NistWrap(PgpPublicKey key, ECPublicKeyParameters recipient) : SessionKeyWrap(key)
    {
        private readonly EcdhKeyWrap _wrap = EcdhKeyWrap.For(key.PublicKeyPacket);

        public override string Suite => KeyPacket.EcdhSuite;

        protected override byte[] Encrypt(ReadOnlySpan<byte> data)
        {
            var generator = new ECKeyPairGenerator();
            generator.Init(new ECKeyGenerationParameters(recipient.Parameters, new SecureRandom()));
            var ephemeral = generator.GenerateKeyPair();
            var agreement = new ECDHBasicAgreement();
            agreement.Init(ephemeral.Private);
            var shared = BigIntegers.AsUnsignedByteArray(agreement.GetFieldSize(), agreement.CalculateAgreement(recipient));
            var wrapped = _wrap.Wrap(shared, data);
            CryptographicOperations.ZeroMemory(shared);
            return PointAndWrappedKey(((ECPublicKeyParameters)ephemeral.Public).Q.GetEncoded(compressed: false), wrapped);
        }
    }

    // .NET's RSA takes a third of BouncyCastle's time. Its objects are not made for sharing between threads, so each use makes one.
    private sealed class RsaWrap(PgpPublicKey key, RsaKeyParameters recipient) : SessionKeyWrap(key)
    {
        private readonly RSAParameters _recipient = new()
        {
            Modulus = recipient.Modulus.ToByteArrayUnsigned(),
            Exponent = recipient.Exponent.ToByteArrayUnsigned(),
        };

        public override string Suite => KeyPacket.RsaSuite;

        protected override byte[] Encrypt(ReadOnlySpan<byte> data)
        {
            using var rsa = RSA.Create(_recipient);
            return MultiPrecision(rsa.Encrypt(data, RSAEncryptionPadding.Pkcs1));
        }
    }
}
