using System.Collections.Concurrent;
using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Appliance.Mail.Dkim;

/// <summary>A public key as its domain publishes it (RFC 6376 §3.6.1). Several threads may verify with it.</summary>
internal sealed class DkimKey
{
    /// <summary>RFC 8301 §3.2: what is shorter is taken for no signature at all.</summary>
    public const int FewestRsaBits = 1024;

    /// <summary>Beyond what anybody needs, verifying only costs time.</summary>
    public const int MostRsaBits = 8192;

    private const int MostIdle = 4;

    private readonly byte[] _publicKey; // DER of an RSA key, or 32 octets
    // Reading an RSA key costs several times what verifying does, and one that was read is not for two threads at once.
    private readonly ConcurrentBag<RSA> _idle = [];

    private DkimKey(SignatureAlgorithm algorithm, byte[] publicKey) => (Algorithm, _publicKey) = (algorithm, publicKey);

    public SignatureAlgorithm Algorithm { get; }

    /// <summary><c>t=y</c>: the domain does not stand by its signatures yet.</summary>
    public bool IsTesting { get; private init; }

    /// <summary><c>t=s</c>: the identity of a signature is in the domain itself, not below it.</summary>
    public bool IsStrict { get; private init; }

    /// <summary>The key, or what is wrong with its record, to follow "its key".</summary>
    public static (DkimKey? Key, string? Wrong) Parse(string record)
    {
        if (TagList.Parse(record) is not { } tags)
            return (null, "is not written as RFC 6376 has it");
        if (tags["v"] is { } version && (version != "DKIM1" || tags.Tags[0].Name != "v"))
            return (null, "is of an unknown version");
        if (tags["h"] is { } hashes && !Lists(hashes, "sha256"))
            return (null, "is not for SHA-256");
        if (tags["s"] is { } services && !Lists(services, "*") && !Lists(services, "email"))
            return (null, "is not for mail");
        if (tags["p"] is not { } written)
            return (null, "is missing from its record");
        if (written.Length == 0)
            return (null, "was revoked");
        if (TagList.Base64(written) is not { } key)
            return (null, "is not base64");
        var (isTesting, isStrict) = (Lists(tags["t"] ?? "", "y"), Lists(tags["t"] ?? "", "s"));
        switch ((tags["k"] ?? "rsa").ToLowerInvariant())
        {
            case "rsa":
                try
                {
                    var rsa = ReadRsa(key);
                    if (rsa.KeySize is >= FewestRsaBits and <= MostRsaBits)
                    {
                        var read = new DkimKey(SignatureAlgorithm.RsaSha256, key) { IsTesting = isTesting, IsStrict = isStrict };
                        read._idle.Add(rsa);
                        return (read, null);
                    }
                    var bits = rsa.KeySize;
                    rsa.Dispose();
                    return (null, bits < FewestRsaBits ? $"has {bits} bits, too few to prove anything" : $"has {bits} bits, more than we verify");
                }
                catch (CryptographicException)
                {
                    return (null, "is no RSA key");
                }
            case "ed25519":
                return key.Length == Ed25519.PublicKeySize
                    ? (new DkimKey(SignatureAlgorithm.Ed25519Sha256, key) { IsTesting = isTesting, IsStrict = isStrict }, null)
                    : (null, "is no Ed25519 key");
            default:
                return (null, "is of an unknown kind");
        }
    }

    /// <summary>Ed25519 signs the hash as if it were the message (RFC 8463 §3).</summary>
    public bool Verify(byte[] hash, byte[] signature)
    {
        if (Algorithm == SignatureAlgorithm.Ed25519Sha256)
            return signature.Length == Ed25519.SignatureSize && Ed25519.Verify(signature, 0, _publicKey, 0, hash, 0, hash.Length);
        var rsa = _idle.TryTake(out var idle) ? idle : ReadRsa(_publicKey);
        var isValid = rsa.VerifyHash(hash, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        if (_idle.Count < MostIdle)
            _idle.Add(rsa);
        else
            rsa.Dispose();
        return isValid;
    }

    /// <summary>RFC 6376 says RSAPublicKey, its own example and everybody else SubjectPublicKeyInfo.</summary>
    /// <exception cref="CryptographicException">Neither.</exception>
    private static RSA ReadRsa(byte[] key)
    {
        var rsa = RSA.Create();
        try
        {
            try
            {
                rsa.ImportSubjectPublicKeyInfo(key, out _);
            }
            catch (CryptographicException)
            {
                rsa.ImportRSAPublicKey(key, out _);
            }
            return rsa;
        }
        catch
        {
            rsa.Dispose();
            throw;
        }
    }

    private static bool Lists(string list, string word) =>
        list.Split(':').Any(item => item.Trim(' ', '\t', '\r', '\n').Equals(word, StringComparison.OrdinalIgnoreCase));
}
