using System.Security.Cryptography;

namespace Appliance.Crypto.Formats;

/// <summary>What a Symmetrically Encrypted Integrity Protected Data packet of version 1 is made of (RFC 4880 §5.13).</summary>
internal static class IntegrityProtectedData
{
    public const byte Version = 1;
    public const int BlockLength = 16;

    /// <summary>A random block, and its last two octets again.</summary>
    public const int PrefixLength = BlockLength + 2;

    /// <summary>The Modification Detection Code packet: its header and its SHA-1 (§5.14).</summary>
    public const int TrailerLength = 2 + SHA1.HashSizeInBytes;

    public const byte TrailerTag = 0xD3;
    public const byte TrailerBodyLength = 0x14;
}
