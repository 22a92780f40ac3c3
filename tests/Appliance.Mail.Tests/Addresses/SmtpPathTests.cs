using System.Text;
using Appliance.Mail.Addresses;
using CsCheck;

namespace Appliance.Mail.Tests.Addresses;

public sealed class SmtpPathTests
{
    [Theory]
    [InlineData("<a@example.test>", "<a@example.test>", "")]
    [InlineData("<a@example.test> SIZE=1", "<a@example.test>", " SIZE=1")]
    [InlineData("<@r.example:a@example.test>", "<a@example.test>", "")]
    [InlineData("<@r.example,@s.example:a@example.test>", "<a@example.test>", "")]
    [InlineData("<\"a>b\"@example.test>", "<\"a>b\"@example.test>", "")]
    [InlineData("<\"a\\\">b\"@example.test> x", "<\"a\\\">b\"@example.test>", " x")]
    public void Reads_up_to_the_bracket_that_closes_it(string text, string path, string rest)
    {
        var octets = Encoding.UTF8.GetBytes(text);
        Assert.True(SmtpPath.TryParseForward(octets, out var forward, out var length, out _));
        Assert.Equal(path, forward.ToString());
        Assert.Equal(rest, Encoding.UTF8.GetString(octets.AsSpan(length)));
    }

    [Fact]
    public void Knows_nobody_and_postmaster()
    {
        Assert.True(SmtpPath.TryParseReverse("<>"u8, out var nobody, out _, out _));
        Assert.True(nobody.IsNull);
        Assert.Equal("<>", nobody.ToString());
        Assert.False(SmtpPath.TryParseForward("<>"u8, out _, out _, out _));
        Assert.True(SmtpPath.TryParseForward("<POSTmaster>"u8, out var postmaster, out _, out _));
        Assert.True(postmaster is { IsPostmaster: true, IsNull: false, Mailbox: null });
        Assert.False(SmtpPath.TryParseReverse("<postmaster>"u8, out _, out _, out _));
    }

    [Fact]
    public void Remembers_whether_it_was_written_in_ascii()
    {
        Assert.True(SmtpPath.TryParseForward("<a@b\u00fccher.example>"u8, out var path, out _, out _));
        Assert.False(path.IsAscii);
        Assert.True(SmtpPath.TryParseForward("<a@xn--bcher-kva.example>"u8, out path, out _, out _));
        Assert.True(path.IsAscii);
    }

    [Fact]
    public void Never_throws_and_never_reads_past_its_input() =>
        Gen.OneOf(Gen.Byte, Gen.OneOf("<>@:,.\"\\[] a1"u8.ToArray())).Array[0, 40].Sample(octets =>
        {
            byte[] input = [(byte)'<', .. octets];
            return (!SmtpPath.TryParseReverse(input, out _, out var reverse, out _) || reverse <= input.Length)
                && (!SmtpPath.TryParseForward(input, out _, out var forward, out _) || forward <= input.Length);
        });
}
