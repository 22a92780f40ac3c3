namespace Appliance.Mail.Dkim;

/// <summary>What may be signed with: RFC 8301 §3.1 has done away with rsa-sha1, RFC 8463 has added Ed25519.</summary>
public enum SignatureAlgorithm
{
    RsaSha256,
    Ed25519Sha256,
}

internal static class SignatureAlgorithms
{
    public static SignatureAlgorithm? Parse(string word) => word.ToLowerInvariant() switch
    {
        "rsa-sha256" => SignatureAlgorithm.RsaSha256,
        "ed25519-sha256" => SignatureAlgorithm.Ed25519Sha256,
        _ => null,
    };

    public static string Word(this SignatureAlgorithm algorithm) => algorithm == SignatureAlgorithm.RsaSha256 ? "rsa-sha256" : "ed25519-sha256";
}
