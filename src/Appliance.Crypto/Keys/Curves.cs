using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.Sec;

namespace Appliance.Crypto.Keys;

/// <summary>The curves we encrypt to (RFC 6637 §11; Curve25519 as GnuPG numbers it).</summary>
internal static class Curves
{
    public static readonly DerObjectIdentifier Curve25519 = new("1.3.6.1.4.1.3029.1.5.1");

    public static bool IsNist(DerObjectIdentifier? curve) =>
        SecObjectIdentifiers.SecP256r1.Equals(curve) || SecObjectIdentifiers.SecP384r1.Equals(curve) || SecObjectIdentifiers.SecP521r1.Equals(curve);
}
