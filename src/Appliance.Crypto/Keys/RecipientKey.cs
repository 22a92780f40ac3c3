using Appliance.Crypto.Sealing;

namespace Appliance.Crypto.Keys;

/// <summary>
/// Somebody's OpenPGP public key, checked and ready to be sealed to (RFC 4880 §11.1; RFC 6637). Reading verifies the
/// primary key's self-signatures, the encryption subkey's binding signature, key flags, expiry and revocations. It takes RSA from 2048
/// bits, ECDH on the NIST curves and on Curve25519; it refuses secret keys, keys other than version 4, weaker ones, and
/// whatever it does not understand. Immutable, so one instance serves many threads.
/// </summary>
public sealed class RecipientKey
{
    public const int LeastRsaBits = 2048;

    /// <summary>In bytes, armored or binary. Third-party signatures make keys large; nobody needs them here.</summary>
    public const int LongestKey = 256 * 1024;

    /// <summary>A key may have been made on a computer whose clock is this much ahead.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);

    private readonly DateTimeOffset _from;
    private readonly DateTimeOffset _until;

    internal RecipientKey(
        byte[] fingerprint, byte[] encryptionFingerprint, IReadOnlyList<string> userIds, SessionKeyWrap wrap, DateTimeOffset from, DateTimeOffset until)
    {
        Fingerprint = Convert.ToHexStringLower(fingerprint);
        EncryptionFingerprint = Convert.ToHexStringLower(encryptionFingerprint);
        UserIds = userIds;
        Wrap = wrap;
        (_from, _until) = (from, until);
    }

    /// <summary>Of the primary key, 40 lower-case hexadecimal digits.</summary>
    public string Fingerprint { get; }

    /// <summary>Of the subkey (or primary key) that is encrypted to.</summary>
    public string EncryptionFingerprint { get; }

    /// <summary>Those with a valid self-signature.</summary>
    public IReadOnlyList<string> UserIds { get; }

    public string Suite => Wrap.Suite;

    internal SessionKeyWrap Wrap { get; }

    /// <summary>Cheap: only looks at the times. Call it before each use; when false, <see cref="Read"/> the key again or refuse.</summary>
    public bool IsUsableAt(DateTimeOffset now) => now + ClockSkew >= _from && now < _until;

    /// <param name="transferablePublicKey">Binary or armored (RFC 4880 §11.1, §6.2); exactly one key.</param>
    /// <param name="now">The time at which the key has to be valid.</param>
    public static KeyReading Read(ReadOnlySpan<byte> transferablePublicKey, DateTimeOffset now) =>
        PublicKeyReader.Read(transferablePublicKey, now);
}
