namespace Appliance.Crypto.Sealing;

/// <summary>What a key packet's session key opens.</summary>
public enum KeyPacketOpens
{
    Body = 1,
    Slip = 2,
}

/// <summary>
/// A session key encrypted to one recipient: opaque but for its tags, so that other suites fit later. Key packet ‖ part is
/// a standard OpenPGP message.
/// </summary>
public sealed record KeyPacket(KeyPacketOpens Opens, string Type, string Suite, byte[] Packet)
{
    /// <summary>A public-key encrypted session key packet (RFC 4880 §5.1).</summary>
    public const string PkeskType = "pkesk";

    public const string EcdhSuite = "v4-ecdh-aes256";
    public const string RsaSuite = "v4-rsa-aes256";
}
