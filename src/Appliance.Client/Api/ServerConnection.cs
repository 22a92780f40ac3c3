using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Appliance.Client.Api;

/// <summary>
/// How connections to the server are made: no cookies kept, no redirects followed, the system's judgement of certificates — or, for a
/// self-signed one, exactly the certificate whose SHA-256 fingerprint the person gave.
/// </summary>
public static class ServerConnection
{
    /// <param name="pin">From <see cref="TryParseFingerprint"/>, or null.</param>
    public static HttpMessageHandler CreateHandler(string? pin)
    {
        var handler = new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(20) };
        if (pin is not null)
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => Matches(certificate, pin);
        return handler;
    }

    /// <summary>Accepts 64 hexadecimal digits, with or without colons and a leading <c>SHA256:</c>; gives them plain and lower case.</summary>
    public static bool TryParseFingerprint(string text, out string fingerprint)
    {
        fingerprint = text.Trim();
        if (fingerprint.StartsWith("SHA256:", StringComparison.OrdinalIgnoreCase))
            fingerprint = fingerprint["SHA256:".Length..];
        fingerprint = fingerprint.Replace(":", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
        return fingerprint.Length == SHA256.HashSizeInBytes * 2 && fingerprint.All(char.IsAsciiHexDigit);
    }

    internal static bool Matches(X509Certificate? certificate, string pin) =>
        certificate is not null && Convert.ToHexStringLower(SHA256.HashData(certificate.GetRawCertData())) == pin;
}
