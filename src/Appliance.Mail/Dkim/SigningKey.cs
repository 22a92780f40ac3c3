using System.Security.Cryptography;
using System.Text;
using Appliance.Mail.Headers;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Appliance.Mail.Dkim;

/// <summary>A domain's private key and where its public half stands: <c>selector._domainkey.domain</c>.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly RSA? _rsa;
    private readonly byte[]? _seed;

    private SigningKey(string domain, string selector, RSA? rsa, byte[]? seed) => (Domain, Selector, _rsa, _seed) = (domain, selector, rsa, seed);

    public string Domain { get; }

    public string Selector { get; }

    public SignatureAlgorithm Algorithm => _rsa is null ? SignatureAlgorithm.Ed25519Sha256 : SignatureAlgorithm.RsaSha256;

    /// <param name="pem">PKCS #1 or PKCS #8.</param>
    /// <exception cref="ArgumentException">Not a private key of RSA.</exception>
    /// <exception cref="CryptographicException">Likewise.</exception>
    public static SigningKey FromPem(string domain, string selector, string pem)
    {
        var rsa = RSA.Create();
        rsa.ImportFromPem(pem);
        return new SigningKey(domain, selector, rsa, null);
    }

    /// <param name="seed">32 octets (RFC 8032 §5.1.5).</param>
    public static SigningKey FromSeed(string domain, string selector, byte[] seed) => new(domain, selector, null, [.. seed]);

    /// <summary>What to publish as TXT at <c>selector._domainkey.domain</c>.</summary>
    public string Record()
    {
        if (_rsa is not null)
            return $"v=DKIM1; k=rsa; p={Convert.ToBase64String(_rsa.ExportSubjectPublicKeyInfo())}";
        var key = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(_seed, 0, key, 0);
        return $"v=DKIM1; k=ed25519; p={Convert.ToBase64String(key)}";
    }

    public void Dispose()
    {
        _rsa?.Dispose();
        if (_seed is not null)
            CryptographicOperations.ZeroMemory(_seed);
    }

    /// <summary>Completes a field whose <c>b=</c> is empty and last but for <paramref name="after"/>. The signature stands on one line: seals cover the white space in it.</summary>
    internal RawField Complete(string before, string after, Func<RawField, byte[]> hashOf)
    {
        var unsigned = ToField($"{before}{after}\r\n");
        var signature = Convert.ToBase64String(Sign(hashOf(unsigned)));
        return ToField($"{before}{signature}{after}\r\n");
    }

    internal static RawField ToField(string line) => new(line[..line.IndexOf(':', StringComparison.Ordinal)], Encoding.UTF8.GetBytes(line), -1);

    private byte[] Sign(byte[] hash)
    {
        if (_rsa is not null)
            return _rsa.SignHash(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(_seed, 0, hash, 0, hash.Length, signature, 0);
        return signature;
    }
}
