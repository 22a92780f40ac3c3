using System.Security.Cryptography;
using Appliance.Client.Opening;
using Appliance.Crypto.Keys;
using Appliance.Crypto.Sealing;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Appliance.Client.Keys;

/// <summary>
/// A private key ready for use: an address key that opens key packets, or the user key that the account's other secrets are sealed to.
/// Takes imported keys (RSA, NIST curves) as well as our own. The numbers live in BouncyCastle objects until they are
/// collected, so keep it no longer than needed.
/// </summary>
public sealed class UnlockedKey
{
    private readonly PgpSecretKeyRing _ring;
    private readonly PgpPrivateKey _primary;
    private readonly IReadOnlyDictionary<long, PgpPrivateKey> _encryption;

    private UnlockedKey(PgpSecretKeyRing ring, PgpPrivateKey primary, IReadOnlyDictionary<long, PgpPrivateKey> encryption) =>
        (_ring, _primary, _encryption) = (ring, primary, encryption);

    /// <summary>Of the primary key, 40 lower-case hexadecimal digits.</summary>
    public string Fingerprint => Convert.ToHexStringLower(_ring.GetPublicKey().GetFingerprint());

    /// <param name="transferableSecretKey">Binary or armored.</param>
    /// <param name="passphrase">What locks it.</param>
    /// <exception cref="FormatException">Not a private key, or another passphrase locks it.</exception>
    public static UnlockedKey Unlock(ReadOnlySpan<byte> transferableSecretKey, string passphrase)
    {
        try
        {
            using var bytes = PgpUtilities.GetDecoderStream(new MemoryStream(transferableSecretKey.ToArray()));
            var ring = new PgpSecretKeyRing(bytes);
            var characters = passphrase.ToCharArray();
            var encryption = ring.GetSecretKeys()
                .Where(key => key.PublicKey.IsEncryptionKey)
                .ToDictionary(key => key.KeyId, key => key.ExtractPrivateKeyUtf8(characters));
            return new UnlockedKey(ring, ring.GetSecretKey().ExtractPrivateKeyUtf8(characters), encryption);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The bytes come from outside, and BouncyCastle answers malformed ones with whatever exception it runs into.
            throw new FormatException("The private key does not open: it is damaged, or its passphrase is another one.", exception);
        }
    }

    /// <summary>Recovers the session key of a body or a slip.</summary>
    /// <exception cref="SealBrokenException">The packet is damaged or was made for another key.</exception>
    public SessionKey OpenKeyPacket(ReadOnlySpan<byte> keyPacket) => SessionKeyUnwrap.Open(keyPacket, _encryption);

    /// <summary>Signs data with this key and encrypts it to it: an OpenPGP message (PKESK + SEIPDv1).</summary>
    public byte[] SealToSelf(ReadOnlySpan<byte> data, DateTimeOffset now)
    {
        var self = RecipientKey.Read(PublicKey(), now);
        if (!self.IsUsable)
            throw new FormatException(self.Explanation);
        using var sessionKey = new BodySessionKey();
        var packets = Sign(data, now);
        try
        {
            return [.. sessionKey.WrapFor(self.Key).Packet, .. sessionKey.SealPackets(packets)];
        }
        finally
        {
            CryptographicOperations.ZeroMemory(packets);
        }
    }

    /// <summary>Opens what <see cref="SealToSelf"/> made, here or in the web client, and checks the signature.</summary>
    /// <exception cref="SealBrokenException">Damaged, for another key, or not signed by this one.</exception>
    public byte[] OpenOwn(ReadOnlySpan<byte> message)
    {
        try
        {
            return OpenAndVerify(message.ToArray());
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The bytes come from outside, and BouncyCastle answers malformed ones with whatever exception it runs into.
            throw new SealBrokenException("A secret of the account does not open. " + SealBrokenException.Restore, exception);
        }
    }

    private byte[] OpenAndVerify(byte[] message)
    {
        var list = (PgpEncryptedDataList)new PgpObjectFactory(message).NextPgpObject();
        var encrypted = list.GetEncryptedDataObjects().OfType<PgpPublicKeyEncryptedData>().First(data => _encryption.ContainsKey(data.KeyId));
        if (!encrypted.IsIntegrityProtected())
            throw new PgpException("no integrity protection");
        using var clear = encrypted.GetDataStream(_encryption[encrypted.KeyId]);
        var packets = new PgpObjectFactory(clear);
        var onePass = ((PgpOnePassSignatureList)packets.NextPgpObject())[0];
        var data = ReadAll(((PgpLiteralData)packets.NextPgpObject()).GetInputStream());
        var signature = ((PgpSignatureList)packets.NextPgpObject())[0];
        while (packets.NextPgpObject() is not null)
            throw new PgpException("more than one signed literal");
        onePass.InitVerify(_ring.GetPublicKey());
        onePass.Update(data);
        if (signature.KeyId != _primary.KeyId
            || signature.SignatureType != PgpSignature.BinaryDocument
            || signature.HashAlgorithm is not (HashAlgorithmTag.Sha256 or HashAlgorithmTag.Sha384 or HashAlgorithmTag.Sha512)
            || !onePass.Verify(signature)
            || !encrypted.Verify())
            throw new PgpException("bad signature or integrity code");
        return data;
    }

    private byte[] Sign(ReadOnlySpan<byte> data, DateTimeOffset now)
    {
        var generator = new PgpSignatureGenerator(_primary.PublicKeyPacket.Algorithm, HashAlgorithmTag.Sha512);
        generator.InitSign(PgpSignature.BinaryDocument, _primary);
        var subpackets = new PgpSignatureSubpacketGenerator();
        subpackets.SetSignatureCreationTime(false, now.UtcDateTime);
        subpackets.SetIssuerFingerprint(false, _ring.GetPublicKey());
        generator.SetHashedSubpackets(subpackets.Generate());
        generator.Update(data);

        using var packets = new MemoryStream();
        generator.GenerateOnePassVersion(false).Encode(packets);
        var literal = new PgpLiteralDataGenerator();
        using (var content = literal.Open(packets, PgpLiteralData.Binary, "", data.Length, DateTime.UnixEpoch))
            content.Write(data);
        generator.Generate().Encode(packets);
        return packets.ToArray();
    }

    private byte[] PublicKey()
    {
        using var bytes = new MemoryStream();
        foreach (var key in _ring.GetPublicKeys())
            key.Encode(bytes);
        return bytes.ToArray();
    }

    private static byte[] ReadAll(Stream stream)
    {
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
