using System.Text;
using Appliance.Mail.Headers;

namespace Appliance.Mail.Tests.Headers;

public sealed class ReceivedFieldTests
{
    [Theory]
    // Postfix
    [InlineData("from mail.example.org (mail.example.org [192.0.2.1])\r\n\t(using TLSv1.3)\r\n\tby mx.example.net (Postfix) with ESMTPS id 4X; Fri, 27 Nov 2026 00:00:00 +0000", "192.0.2.1", "mail.example.org")]
    [InlineData("from [10.0.0.1] (unknown [IPv6:2001:db8::1]) by mx.example.net", "2001:db8::1", "[10.0.0.1]")]
    // Exim
    [InlineData("from [192.0.2.1] (helo=mail.example.org)\r\n\tby mx.example.net with esmtp (Exim 4.96)", "192.0.2.1", "mail.example.org")]
    [InlineData("from rdns.example.org ([192.0.2.1] helo=mail.example.org) by mx.example.net", "192.0.2.1", "mail.example.org")]
    [InlineData("from mail.example.org ([192.0.2.1]) by mx.example.net", "192.0.2.1", "mail.example.org")]
    [InlineData("from [192.0.2.1] by mx.example.net", "192.0.2.1", "[192.0.2.1]")]
    // Sendmail, Exchange, qmail
    [InlineData("from mail.example.org (ann@mail.example.org [192.0.2.1] (may be forged)) by mx.example.net (8.17.1/8.17.1)", "192.0.2.1", "mail.example.org")]
    [InlineData("from mail.example.org (192.0.2.1) by mx.example.net (10.0.0.2) with Microsoft SMTP Server", "192.0.2.1", "mail.example.org")]
    [InlineData("from unknown (HELO mail.example.org) (192.0.2.1) by mx.example.net with SMTP", "192.0.2.1", "mail.example.org")]
    // It does not say, or says it where anybody may write what they like
    [InlineData("from mail.example.org by mx.example.net", null, "mail.example.org")]
    [InlineData("from mail.example.org (friendly) by mx.example.net ([192.0.2.1])", null, "mail.example.org")]
    public void Says_who_handed_over(string value, string? client, string helo)
    {
        var field = ReceivedField.Parse(Encoding.ASCII.GetBytes(value));
        Assert.Equal((true, client, helo), (field.IsFromClient, field.Client?.ToString(), field.Helo));
    }

    [Theory]
    [InlineData("by mx.example.net (Postfix, from userid 1000) id 4X; Fri, 27 Nov 2026 00:00:00 +0000")]
    [InlineData("(qmail 1234 invoked by uid 89); 27 Nov 2026 00:00:00 -0000")]
    [InlineData("")]
    public void Or_that_it_began_there(string value) => Assert.False(ReceivedField.Parse(Encoding.ASCII.GetBytes(value)).IsFromClient);

    [Fact]
    public void What_is_hostile_is_read_too()
    {
        foreach (var value in new[] { "from a " + new string('(', 4000), "from a " + string.Concat(Enumerable.Repeat("(a(b)", 800)), "from a" + new string(' ', 4000), "from a (" + string.Concat(Enumerable.Repeat("()", 2000)) })
            Assert.Null(ReceivedField.Parse(Encoding.ASCII.GetBytes(value)).Client);
    }
}
