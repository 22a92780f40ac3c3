using System.Buffers.Binary;

namespace Appliance.Crypto.Formats;

/// <summary>New-format OpenPGP packet headers with a definite length (RFC 4880 §4.2.2).</summary>
internal readonly record struct PacketHeader(int Tag, int HeaderLength, int BodyLength)
{
    public const int PublicKeyEncryptedSessionKey = 1;
    public const int LiteralData = 11;
    public const int IntegrityProtectedData = 18;

    public int TotalLength => HeaderLength + BodyLength;

    public static PacketHeader For(int tag, int bodyLength) => new(tag, bodyLength switch { < 192 => 2, < 8384 => 3, _ => 6 }, bodyLength);

    public void Write(Span<byte> destination)
    {
        destination[0] = (byte)(0xC0 | Tag);
        switch (HeaderLength)
        {
            case 2:
                destination[1] = (byte)BodyLength;
                break;
            case 3:
                BinaryPrimitives.WriteUInt16BigEndian(destination[1..], (ushort)(BodyLength - 192 + (192 << 8)));
                break;
            default:
                destination[1] = 0xFF;
                BinaryPrimitives.WriteInt32BigEndian(destination[2..], BodyLength);
                break;
        }
    }

    /// <summary>
    /// Reads the header of the one packet that fills <paramref name="packet"/>. We write no old format and no partial
    /// lengths, so those are refused.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> packet, int tag, out PacketHeader header)
    {
        header = default;
        if (packet.Length < 2 || packet[0] != (0xC0 | tag))
            return false;
        (int HeaderLength, long BodyLength) read = packet[1] switch
        {
            < 192 => (2, packet[1]),
            < 224 => packet.Length < 3 ? default : (3, ((packet[1] - 192) << 8) + packet[2] + 192),
            255 => packet.Length < 6 ? default : (6, BinaryPrimitives.ReadUInt32BigEndian(packet[2..])),
            _ => default,
        };
        if (read.HeaderLength == 0 || read.HeaderLength + read.BodyLength != packet.Length)
            return false;
        header = new PacketHeader(tag, read.HeaderLength, (int)read.BodyLength);
        return true;
    }
}
