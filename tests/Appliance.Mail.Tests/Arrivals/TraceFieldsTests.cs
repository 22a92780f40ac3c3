using System.Net;
using System.Text;
using Appliance.Mail.Arrivals;
using CsCheck;

namespace Appliance.Mail.Tests.Arrivals;

public sealed class TraceFieldsTests
{
    private static readonly TraceInput Sample = new(
        "ann@example.org", "mail.example.org", IPAddress.Parse("::ffff:192.0.2.1"), "mx.example.net", "ESMTPS", "abc123", ["bob@example.net"],
        new DateTimeOffset(2026, 11, 3, 10, 0, 0, TimeSpan.FromHours(-3.5)));

    [Fact]
    public void Says_where_a_message_came_from() => Assert.Equal(
        "Return-Path: <ann@example.org>\r\n" +
        "Received: from mail.example.org ([192.0.2.1]) by mx.example.net with ESMTPS\r\n" +
        "\tid abc123 for <bob@example.net>; Tue, 3 Nov 2026 10:00:00 -0330\r\n",
        Format(Sample));

    [Fact]
    public void Writes_a_null_path_for_a_bounce() => Assert.StartsWith("Return-Path: <>\r\n", Format(Sample with { ReversePath = "" }), StringComparison.Ordinal);

    [Fact]
    public void Names_no_recipient_when_there_are_two() =>
        Assert.DoesNotContain("bob", Format(Sample with { Recipients = ["bob@example.net", "bob@example.org"] }), StringComparison.Ordinal);

    [Fact]
    public void Gives_an_IPv6_client_its_name_and_its_encryption() => Assert.Contains(
        "(mail.example.org [IPv6:2001:db8::1])",
        Format(Sample with { ClientAddress = IPAddress.Parse("2001:db8::1"), ClientName = "mail.example.org", Tls = "TLSv1.3 TLS_AES_256_GCM_SHA384" }),
        StringComparison.Ordinal);

    [Fact]
    public void Adds_authentication_results_when_there_are_any() => Assert.EndsWith(
        "Authentication-Results: mx.example.net; spf=pass smtp.mailfrom=example.org;\r\n\tdkim=pass header.d=example.org\r\n",
        Format(Sample with { AuthenticationResults = "mx.example.net; spf=pass smtp.mailfrom=example.org;\r\n dkim=pass header.d=example.org" }),
        StringComparison.Ordinal);

    [Fact]
    public void Keeps_international_addresses() => Assert.Contains(
        "for <用户@例子.广告>", Format(Sample with { Recipients = ["用户@例子.广告"], Protocol = "UTF8SMTPS" }), StringComparison.Ordinal);

    [Fact]
    public void Nothing_a_client_says_starts_a_field() =>
        Gen.Select(Gen.String, Gen.OneOf("\r\nX: y", "\n", "\r", ")(", "\u2028", "", new string('x', 3_000))).Select((a, b) => a + b + a).Sample(text =>
        {
            var fields = Format(new TraceInput(text, text, IPAddress.Loopback, text, text, text, [text], Sample.ReceivedAt, text, text, text));

            var lines = fields.Split("\r\n");
            Assert.Equal("", lines[^1]);
            Assert.Equal(["Return-Path:", "Received:", "Authentication-Results:"], lines[..^1].Where(line => line[0] != '\t').Select(line => line[..(line.IndexOf(':') + 1)]));
            Assert.All(lines, line => Assert.DoesNotContain(line, character => char.IsControl(character) && character != '\t'));
            Assert.All(lines, line => Assert.InRange(Encoding.UTF8.GetByteCount(line), 0, 998));
        });

    private static string Format(TraceInput input) => Encoding.UTF8.GetString(TraceFields.Format(input));
}
