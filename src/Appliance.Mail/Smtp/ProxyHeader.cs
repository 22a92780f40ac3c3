using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace Appliance.Mail.Smtp;

public enum ProxyHeaderStatus
{
    Complete,

    /// <summary>Its end is not here yet.</summary>
    Incomplete,
    Malformed,
}

/// <summary>
/// What a proxy says before anything else of who connected to it: HAProxy's PROXY protocol, versions 1 (a line) and 2 (binary), https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
/// </summary>
public static class ProxyHeader
{
    /// <summary>A header of more, extensions included, is malformed.</summary>
    public const int MostBytes = 4096;

    private const int MostLineBytes = 107;
    private const int FixedBytes = 16;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <param name="buffer">All that was read.</param>
    /// <param name="client">Null when the proxy speaks for itself, or does not know.</param>
    /// <param name="length">Bytes of the header.</param>
    public static ProxyHeaderStatus TryRead(ReadOnlySequence<byte> buffer, out IPEndPoint? client, out int length)
    {
        (client, length) = (null, 0);
        var bytes = buffer.Slice(0, Math.Min(buffer.Length, MostBytes)).ToArray();
        var known = Math.Min(bytes.Length, Signature.Length);
        return bytes.AsSpan(0, known).SequenceEqual(Signature[..known])
            ? known < Signature.Length ? ProxyHeaderStatus.Incomplete : ReadBinary(bytes, out client, out length)
            : ReadLine(bytes, out client, out length);
    }

    private static ProxyHeaderStatus ReadLine(ReadOnlySpan<byte> bytes, out IPEndPoint? client, out int length)
    {
        client = null;
        length = bytes.IndexOf("\r\n"u8) + 2;
        if (length < 2)
        {
            var begins = "PROXY "u8[..Math.Min(bytes.Length, 6)];
            return bytes.Length < MostLineBytes && bytes.StartsWith(begins) ? ProxyHeaderStatus.Incomplete : ProxyHeaderStatus.Malformed;
        }
        if (length > MostLineBytes || !Ascii.IsValid(bytes[..length]))
            return ProxyHeaderStatus.Malformed;
        switch (Encoding.ASCII.GetString(bytes[..(length - 2)]).Split(' '))
        {
            case ["PROXY", "UNKNOWN", ..]:
                return ProxyHeaderStatus.Complete;
            case ["PROXY", "TCP4" or "TCP6", var source, var destination, var port, var toPort]
                when IPAddress.TryParse(source, out var address) && IPAddress.TryParse(destination, out _)
                    && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && ushort.TryParse(toPort, NumberStyles.None, CultureInfo.InvariantCulture, out _):
                client = new IPEndPoint(address, number);
                return ProxyHeaderStatus.Complete;
            default:
                return ProxyHeaderStatus.Malformed;
        }
    }

    private static ProxyHeaderStatus ReadBinary(ReadOnlySpan<byte> bytes, out IPEndPoint? client, out int length)
    {
        (client, length) = (null, 0);
        if (bytes.Length < FixedBytes)
            return ProxyHeaderStatus.Incomplete;
        var (version, command, family) = (bytes[12] >> 4, bytes[12] & 15, bytes[13]);
        length = FixedBytes + BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        if (version != 2 || command > 1 || length > MostBytes)
            return ProxyHeaderStatus.Malformed;
        if (bytes.Length < length)
            return ProxyHeaderStatus.Incomplete;
        var addresses = bytes[FixedBytes..length];
        // Command 0 is the proxy's own, such as a health check; families other than TCP over IP are nobody we could know.
        switch ((command, family))
        {
            case (1, 0x11) when addresses.Length >= 12:
                client = new IPEndPoint(new IPAddress(addresses[..4]), BinaryPrimitives.ReadUInt16BigEndian(addresses[8..]));
                return ProxyHeaderStatus.Complete;
            case (1, 0x21) when addresses.Length >= 36:
                client = new IPEndPoint(new IPAddress(addresses[..16]), BinaryPrimitives.ReadUInt16BigEndian(addresses[32..]));
                return ProxyHeaderStatus.Complete;
            case (1, 0x11 or 0x21):
                return ProxyHeaderStatus.Malformed;
            default:
                return ProxyHeaderStatus.Complete;
        }
    }
}
