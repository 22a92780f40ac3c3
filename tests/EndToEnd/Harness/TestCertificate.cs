using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Appliance.EndToEnd.Harness;

/// <summary>Certificates that a test makes for itself, as PEM with their keys.</summary>
public static class TestCertificate
{
    /// <summary>Self-signed, for these names; written to one file. Returns its SHA-256 fingerprint.</summary>
    public static string Write(string path, params ReadOnlySpan<string> names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
            alternatives.AddDnsName(name);
        request.CertificateExtensions.Add(alternatives.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        File.WriteAllText(path + ".new", certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        File.Move(path + ".new", path, overwrite: true);
        return certificate.GetCertHashString(HashAlgorithmName.SHA256);
    }
}
