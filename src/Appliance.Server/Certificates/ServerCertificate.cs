using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Appliance.Server.Storage;

namespace Appliance.Server.Certificates;

/// <summary>
/// Our own certificate, for who has no other (<see cref="TlsCertificates"/>): self-signed, made once, kept in <c>secrets/tls.pem</c>.
/// Its SHA-256 fingerprint is shown beside the set-up link, so that a person can compare it.
/// </summary>
public sealed class ServerCertificate(StoreHost host, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(3650);
    private readonly Lock _making = new();
    private X509Certificate2? _current;

    public X509Certificate2 Current
    {
        get
        {
            lock (_making)
                return _current ??= Load(Path.Combine(host.Folder.Secrets, "tls.pem"));
        }
    }

    public string Fingerprint => Current.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();

    public void Dispose() => _current?.Dispose();

    private X509Certificate2 Load(string path)
    {
        if (!File.Exists(path))
            Make(path);
        using var fromPem = X509Certificate2.CreateFromPemFile(path);
        return ForTls(fromPem);
    }

    /// <summary>Windows' TLS cannot use a key that lives in memory alone; the detour through PKCS #12 gives it one it can.</summary>
    internal static X509Certificate2 ForTls(X509Certificate2 fromPem) => X509CertificateLoader.LoadPkcs12(fromPem.Export(X509ContentType.Pkcs12), password: null);

    private void Make(string path)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=appliance", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        var now = time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now + Lifetime);
        using var file = DataFolder.OpenPrivate(path, FileMode.CreateNew);
        using var writer = new StreamWriter(file);
        writer.WriteLine(certificate.ExportCertificatePem());
        writer.WriteLine(key.ExportPkcs8PrivateKeyPem());
    }
}
