using Appliance.Crypto.Sealing;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Crypto.Parameters;

namespace Appliance.Crypto.Keys;

/// <summary>The checks behind <see cref="RecipientKey.Read"/>.</summary>
internal static class PublicKeyReader
{
    private const int CanEncrypt = PgpKeyFlags.CanEncryptCommunications | PgpKeyFlags.CanEncryptStorage;

    public static KeyReading Read(ReadOnlySpan<byte> bytes, DateTimeOffset now)
    {
        if (bytes.Length > RecipientKey.LongestKey)
            return new KeyReading(null, KeyFault.TooLarge);
        try
        {
            return Parse(bytes.ToArray(), out var fault) is { } ring ? Check(ring, now) : new KeyReading(null, fault);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The bytes come from outside, and BouncyCastle answers malformed ones with whatever exception it runs into.
            return new KeyReading(null, KeyFault.NotAPublicKey);
        }
    }

    private static PgpPublicKeyRing? Parse(byte[] bytes, out KeyFault fault)
    {
        using var decoded = PgpUtilities.GetDecoderStream(new MemoryStream(bytes));
        var packets = new PgpObjectFactory(decoded);
        var first = packets.NextPgpObject();
        fault = first switch
        {
            PgpSecretKeyRing => KeyFault.SecretKey,
            PgpPublicKeyRing when packets.NextPgpObject() is null => KeyFault.None,
            _ => KeyFault.NotAPublicKey,
        };
        return fault == KeyFault.None ? (PgpPublicKeyRing)first : null;
    }

    private static KeyReading Check(PgpPublicKeyRing ring, DateTimeOffset now)
    {
        var primary = ring.GetPublicKey();
        if (primary.Version != 4)
            return new KeyReading(null, KeyFault.UnsupportedAlgorithm);
        if (StrengthFault(primary) is var weakness and not KeyFault.None)
            return new KeyReading(null, weakness);

        // A third party named as revoker (RFC 4880 §5.2.3.15) is not known here; only the key's own word counts.
        if (primary.GetKeySignatures().Any(s => s.SignatureType == PgpSignature.KeyRevocation && IsValid(s, primary, () => s.VerifyCertification(primary))))
            return new KeyReading(null, KeyFault.Revoked);

        if (SelfSignature.Find(primary, now) is not { } self)
            return new KeyReading(null, KeyFault.BadSelfSignature);
        if (Lifetime.Of(primary, self.Signature) is var life && life.FaultAt(now) is var ended and not KeyFault.None)
            return new KeyReading(null, ended);

        var fault = KeyFault.NoEncryptionKey;
        KeyReading? found = null;
        foreach (var candidate in ring.GetPublicKeys().Where(key => key.IsEncryptionKey).OrderByDescending(key => key.CreationTime))
        {
            var reading = candidate.IsMasterKey
                ? CheckPrimary(primary, self, life)
                : CheckSubkey(primary, candidate, self, life, now);
            if (reading.IsUsable)
            {
                found = reading;
                break;
            }
            if (fault == KeyFault.NoEncryptionKey)
                fault = reading.Fault;
        }
        return found ?? new KeyReading(null, fault);
    }

    private static KeyReading CheckPrimary(PgpPublicKey primary, SelfSignature self, Lifetime life) =>
        Flags(self.Signature) is { } flags && (flags & CanEncrypt) != 0
            ? Usable(primary, primary, self, life)
            : new KeyReading(null, KeyFault.NoEncryptionKey);

    private static KeyReading CheckSubkey(PgpPublicKey primary, PgpPublicKey subkey, SelfSignature self, Lifetime life, DateTimeOffset now)
    {
        if (StrengthFault(subkey) is var weakness and not KeyFault.None)
            return new KeyReading(null, weakness);
        var signatures = subkey.GetKeySignatures().ToList();
        if (signatures.Any(s => s.SignatureType == PgpSignature.SubkeyRevocation && IsValid(s, primary, () => s.VerifyCertification(primary, subkey))))
            return new KeyReading(null, KeyFault.Revoked);
        var binding = signatures
            .Where(s => s.SignatureType == PgpSignature.SubkeyBinding && IsCurrent(s, subkey, now) && IsValid(s, primary, () => s.VerifyCertification(primary, subkey)))
            .MaxBy(s => s.CreationTime);
        if (binding is null)
            return new KeyReading(null, KeyFault.BadBindingSignature);
        if (Flags(binding) is { } flags && (flags & CanEncrypt) == 0)
            return new KeyReading(null, KeyFault.NoEncryptionKey);
        var both = life.Within(Lifetime.Of(subkey, binding));
        return both.FaultAt(now) is var ended and not KeyFault.None
            ? new KeyReading(null, ended)
            : Usable(primary, subkey, self, both);
    }

    private static KeyReading Usable(PgpPublicKey primary, PgpPublicKey key, SelfSignature self, Lifetime life) =>
        SessionKeyWrap.For(key) is { } wrap
            ? new KeyReading(new RecipientKey(primary.GetFingerprint(), key.GetFingerprint(), self.UserIds, wrap, life.From, life.Until), KeyFault.None)
            : new KeyReading(null, KeyFault.UnsupportedAlgorithm);

    private static KeyFault StrengthFault(PgpPublicKey key) => key.GetKey() switch
    {
        RsaKeyParameters rsa => rsa.Modulus.BitLength < RecipientKey.LeastRsaBits ? KeyFault.TooWeak : KeyFault.None,
        ECPublicKeyParameters ec => Curves.IsNist(ec.PublicKeyParamSet) ? KeyFault.None : KeyFault.UnsupportedAlgorithm,
        Ed25519PublicKeyParameters or X25519PublicKeyParameters => KeyFault.None,
        _ => KeyFault.UnsupportedAlgorithm,
    };

    private static int? Flags(PgpSignature signature) =>
        signature.GetHashedSubPackets() is { } hashed && hashed.HasSubpacket(SignatureSubpacketTag.KeyFlags) ? hashed.GetKeyFlags() : null;

    /// <summary>Whether the primary key made this signature and we understand all it insists on.</summary>
    internal static bool IsValid(PgpSignature signature, PgpPublicKey primary, Func<bool> verify)
    {
        if (signature.Version != 4 || signature.KeyId != primary.KeyId || !IsAcceptable(signature.HashAlgorithm))
            return false;
        // RFC 4880 §5.2.3.1: a signature with a critical subpacket that is not understood is in error.
        if (signature.GetHashedSubPackets().GetCriticalTags().Any(tag => !Enum.IsDefined(tag) || tag == SignatureSubpacketTag.NotationData))
            return false;
        try
        {
            signature.InitVerify(primary);
            return verify();
        }
        catch (PgpException)
        {
            return false;
        }
    }

    internal static bool IsCurrent(PgpSignature signature, PgpPublicKey about, DateTimeOffset now)
    {
        var made = Lifetime.Utc(signature.CreationTime);
        var lasts = signature.GetHashedSubPackets()?.GetSignatureExpirationTime() ?? 0;
        return made <= now + RecipientKey.ClockSkew
            && made >= Lifetime.Utc(about.CreationTime)
            && (lasts == 0 || made.AddSeconds(lasts) > now);
    }

    // SHA-1 stays for self-signatures only: abusing one takes a second preimage, not a collision. MD5 is gone.
    private static bool IsAcceptable(HashAlgorithmTag hash) => hash is HashAlgorithmTag.Sha1 or HashAlgorithmTag.Sha224
        or HashAlgorithmTag.Sha256 or HashAlgorithmTag.Sha384 or HashAlgorithmTag.Sha512;
}
