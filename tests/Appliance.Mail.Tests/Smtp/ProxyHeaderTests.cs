using System.Buffers;
using System.Net;
using System.Text;
using Appliance.Mail.Smtp;

namespace Appliance.Mail.Tests.Smtp;

public sealed class ProxyHeaderTests
{
    private static readonly byte[] Signature = "\r\n\r\n\0\r\nQUIT\n"u8.ToArray();

    public static TheoryData<byte[], string?> Headers => new()
    {
        { Line("PROXY TCP4 192.0.2.7 198.51.100.1 40000 25"), "192.0.2.7:40000" },
        { Line("PROXY TCP6 2001:db8::7 2001:db8::1 40000 25"), "[2001:db8::7]:40000" },
        { Line("PROXY UNKNOWN"), null },
        { Line("PROXY UNKNOWN ffff::1 ffff::2 1 2"), null },
        { Binary(0x21, 0x11, 192, 0, 2, 7, 198, 51, 100, 1, 0x9c, 0x40, 0, 25), "192.0.2.7:40000" },
        { Binary(0x21, 0x11, [192, 0, 2, 7, 198, 51, 100, 1, 0x9c, 0x40, 0, 25, /* an extension */ 4, 0, 1, 0]), "192.0.2.7:40000" },
        { Binary(0x21, 0x21, [.. IPAddress.Parse("2001:db8::7").GetAddressBytes(), .. new byte[16], 0x9c, 0x40, 0, 25]), "[2001:db8::7]:40000" },
        { Binary(0x20, 0x00), null },
        { Binary(0x21, 0x31, new byte[216]), null },
    };

    [Theory, MemberData(nameof(Headers))]
    public void Says_who_is_behind_and_is_waited_for(byte[] header, string? client)
    {
        for (var cut = 0; cut < header.Length; cut++)
            Assert.Equal(ProxyHeaderStatus.Incomplete, ProxyHeader.TryRead(new ReadOnlySequence<byte>(header, 0, cut), out _, out _));
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeader.TryRead(new ReadOnlySequence<byte>([.. header, .. "EHLO a\r\n"u8]), out var found, out var length));
        Assert.Equal((client, header.Length), (found?.ToString(), length));
    }

    public static TheoryData<byte[]> Malformed =>
    [
        "EHLO client.example\r\n"u8.ToArray(),
        "P1"u8.ToArray(),
        Line("PROXY TCP4 192.0.2.7 198.51.100.1 40000"),
        Line("PROXY TCP4 192.0.2.7 198.51.100.1 70000 25"),
        Line("PROXY TCP4 somebody 198.51.100.1 40000 25"),
        Line("PROXY UDP4 192.0.2.7 198.51.100.1 40000 25"),
        Line("PROXY UNKNOWN " + new string('x', 100)),
        Encoding.ASCII.GetBytes("PROXY " + new string('x', 102)),
        Binary(0x11, 0x11, new byte[12]),
        Binary(0x22, 0x11, new byte[12]),
        Binary(0x21, 0x11, new byte[11]),
        Binary(0x21, 0x21, new byte[35]),
        (byte[])[.. Signature, 0x21, 0x11, 0xff, 0xff],
    ];

    [Theory, MemberData(nameof(Malformed))]
    public void Anything_else_is_none(byte[] bytes) => Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeader.TryRead(new ReadOnlySequence<byte>(bytes), out _, out _));

    private static byte[] Line(string text) => Encoding.ASCII.GetBytes(text + "\r\n");

    private static byte[] Binary(byte command, byte family, params byte[] addresses) => [.. Signature, command, family, (byte)(addresses.Length >> 8), (byte)addresses.Length, .. addresses];
}
