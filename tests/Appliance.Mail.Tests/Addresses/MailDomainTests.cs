using System.Net;
using Appliance.Mail.Addresses;
using CsCheck;

namespace Appliance.Mail.Tests.Addresses;

public sealed class MailDomainTests
{
    [Theory]
    [InlineData("Example.COM", "example.com")]
    [InlineData("localhost", "localhost")]
    [InlineData("a-b.c1.example", "a-b.c1.example")]
    [InlineData("my_host.example", "my_host.example")]
    [InlineData("BÜCHER.example", "xn--bcher-kva.example")]
    [InlineData("bu\u0308cher.example", "xn--bcher-kva.example")]
    [InlineData("例子.测试", "xn--fsqu00a.xn--0zwm56d")]
    [InlineData("例子。测试", "xn--fsqu00a.xn--0zwm56d")]
    [InlineData("XN--BCHER-KVA.example", "xn--bcher-kva.example")]
    [InlineData("[192.0.2.1]", "[192.0.2.1]")]
    [InlineData("[IPv6:2001:DB8:0::1]", "[IPv6:2001:db8::1]")]
    [InlineData("[ipv6:::ffff:192.0.2.1]", "[IPv6:::ffff:192.0.2.1]")]
    public void Writes_every_spelling_in_one_way(string text, string ascii)
    {
        Assert.True(MailDomain.TryParse(text, out var domain));
        Assert.Equal(ascii, domain.Ascii);
        Assert.True(MailDomain.TryParse(ascii, out var again));
        Assert.Equal(domain, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("example.")]
    [InlineData(".example")]
    [InlineData("a..b")]
    [InlineData("-a.example")]
    [InlineData("a-.example")]
    [InlineData("a b.example")]
    [InlineData("a\0.example")]
    [InlineData("a@b")]
    [InlineData("xn--\u00fc.example")]
    [InlineData("[]")]
    [InlineData("[192.0.2.1")]
    [InlineData("[192.0.2]")]
    [InlineData("[192.0.2.256]")]
    [InlineData("[192.0.2.01]")]
    [InlineData("[0x7f.0.0.1]")]
    [InlineData("[2130706433]")]
    [InlineData("[2001:db8::1]")]
    [InlineData("[IPv6:192.0.2.1]")]
    [InlineData("[IPv6:fe80::1%eth0]")]
    [InlineData("[IPv6:[::1]]")]
    [InlineData("[tag:content]")]
    public void Refuses_what_is_no_domain(string text)
    {
        Assert.False(MailDomain.TryParse(text, out _, out var fault));
        Assert.Equal(AddressFault.Syntax, fault);
    }

    [Fact]
    public void Knows_the_limits_of_labels_and_names()
    {
        var label = new string('a', 63);
        Assert.True(MailDomain.TryParse($"{label}.{label}.{label}.{label}", out _));
        Assert.False(MailDomain.TryParse($"{label}.{label}.{label}.{label}.b", out _, out var fault));
        Assert.Equal(AddressFault.DomainTooLong, fault);
        Assert.False(MailDomain.TryParse(label + "a.example", out _, out fault));
        Assert.Equal(AddressFault.DomainTooLong, fault);
    }

    [Fact]
    public void Shows_u_labels_to_people()
    {
        Assert.True(MailDomain.TryParse("xn--bcher-kva.example", out var domain));
        Assert.Equal("bücher.example", domain.ToUnicode());
        Assert.True(MailDomain.TryParse("xn--a.example", out var undecodable));
        Assert.NotEmpty(undecodable.ToUnicode());
    }

    [Fact]
    public void Reads_the_address_of_a_literal()
    {
        Assert.True(MailDomain.TryParse("[IPv6:2001:db8::1]", out var domain));
        Assert.Equal(IPAddress.Parse("2001:db8::1"), domain.Literal);
    }

    [Fact]
    public void Reads_what_it_writes_whatever_it_was_given() =>
        Gen.String[Gen.OneOf(Gen.Char["abzAZ09-_.[]:%IPv6"], Gen.Char["éüß例子。\u0308\u200d\ud800\udc00"]), 0, 30].Sample(text =>
            !MailDomain.TryParse(text, out var domain)
            || (MailDomain.TryParse(domain.ToString(), out var again) && again == domain && domain.ToUnicode().Length > 0));
}
