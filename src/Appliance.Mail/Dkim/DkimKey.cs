using System.Security.Cryptography;

namespace Appliance.Mail.Dkim;

/// <summary>A public key as its domain publishes it (RFC 6376 §3.6.1).</summary>
/// <param name="PublicKey">DER of an RSA key, or 32 octets.</param>
/// <param name="IsTesting"><c>t=y</c>: the domain does not stand by its signatures yet.</param>
/// <param name="IsStrict"><c>t=s</c>: the identity of a signature is in the domain itself, not below it.</param>
public sealed record DkimKey(SignatureAlgorithm Algorithm, byte[] PublicKey, int Bits, bool IsTesting, bool IsStrict)
{
    /// <summary>RFC 8301 §3.2: what is shorter is taken for no signature at all.</summary>
    public const int FewestRsaBits = 1024;

    /// <summary>Beyond what anybody needs, verifying only costs time.</summary>
    public const int MostRsaBits = 8192;

    private const int Ed25519Octets = 32;

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
                    using var rsa = ReadRsa(key);
                    return rsa.KeySize switch
                    {
                        < FewestRsaBits => (null, $"has {rsa.KeySize} bits, too few to prove anything"),
                        > MostRsaBits => (null, $"has {rsa.KeySize} bits, more than we verify"),
                        _ => (new DkimKey(SignatureAlgorithm.RsaSha256, key, rsa.KeySize, isTesting, isStrict), null),
                    };
                }
                catch (CryptographicException)
                {
                    return (null, "is no RSA key");
                }
            case "ed25519":
                return key.Length == Ed25519Octets
                    ? (new DkimKey(SignatureAlgorithm.Ed25519Sha256, key, 256, isTesting, isStrict), null)
                    : (null, "is no Ed25519 key");
            default:
                return (null, "is of an unknown kind");
        }
    }

    internal RSA ToRsa() => ReadRsa(PublicKey);

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
