using System.Text;
using Appliance.Mail.AuthResults;
using Appliance.Mail.Tests.Dkim;
using CsCheck;

namespace Appliance.Mail.Tests.AuthResults;

public sealed class AuthResultsFieldTests
{
    [Fact]
    public void Says_what_was_found_in_our_name()
    {
        Assert.Equal("mx.example.org; none", AuthResultsField.Format("mx.example.org", []));
        Assert.Equal(
            "mx.example.org; spf=pass smtp.mailfrom=ann+tag@example.org; dkim=pass header.d=example.org header.b=\"ab/cd=\"",
            AuthResultsField.Format("mx.example.org",
            [
                new AuthResult("spf", "pass", [("smtp.mailfrom", "ann+tag@example.org")]),
                new AuthResult("dkim", "pass", [("header.d", "example.org"), ("header.b", "ab/cd=")]),
            ]));
    }

    [Theory]
    // RFC 8601, appendix B
    [InlineData("example.org 1; none", "example.org", "")]
    [InlineData("example.com;\r\n  spf=pass smtp.mailfrom=example.net", "example.com", "spf=pass smtp.mailfrom=example.net")]
    [InlineData("example.com;\r\n  auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n  spf=pass smtp.mailfrom=example.net", "example.com", "auth=pass smtp.auth=sender@example.net|spf=pass smtp.mailfrom=example.net")]
    [InlineData("foo.example.net (foobar) 1 (baz);\r\n    dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n      policy (A dot can go here) . (like that) expired\r\n      (this surprised me) = (as I wasn't expecting it) 1362471462", "foo.example.net", "dkim=fail policy.expired=1362471462")]
    [InlineData("example.com; dkim=pass reason=\"good; (really)\" header.i=@mail-router.example.net", "example.com", "dkim=pass reason=good; (really) header.i=@mail-router.example.net")]
    [InlineData("\"mx.example.org\"; dmarc=pass header.b=a=b", "mx.example.org", "dmarc=pass header.b=a=b")]
    public void Reads_what_others_have_found(string value, string server, string results)
    {
        var (named, found) = AuthResultsField.Parse(value)!.Value;
        Assert.Equal(server, named);
        Assert.Equal(results, string.Join('|', found.Select(one => string.Join(' ', [$"{one.Method}={one.Result}", .. one.Properties.Select(property => $"{property.Name}={property.Value}")]))));
    }

    [Theory]
    [InlineData("Authentication-Results: mx.example.org; spf=pass\r\n", true)]
    [InlineData("authentication-results : MX.Example.ORG 1;\r\n\tspf=pass\r\n", true)]
    [InlineData("Authentication-Results: (really) \"mx.example.org\"; spf=pass\r\n", true)]
    [InlineData("Authentication-Results: mx.example.org.; spf=pass\r\n", true)]
    [InlineData("Authentication-Results: (mx.example.org; spf=pass\r\n", true)] // a comment without an end names nobody, to us
    [InlineData("Authentication-Results: mx.example.com; spf=pass\r\n", false)]
    [InlineData("Authentication-Results: notmx.example.org; spf=pass\r\n", false)]
    [InlineData("X-Authentication-Results: mx.example.org; spf=pass\r\n", false)]
    [InlineData("ARC-Authentication-Results: i=1; mx.example.org; spf=pass\r\n", false)] // part of a chain that others signed
    public void Finds_the_fields_that_say_they_are_ours(string field, bool isForged)
    {
        using var message = Messages.Read($"Subject: x\r\n{field}From: a@example.net\r\n\r\nmx.example.org\r\n");
        var forged = AuthResultsField.FindForged(message, "mx.example.org");
        Assert.Equal(isForged ? [(12L, field)] : [], forged.Select(removed => (removed.Offset, Encoding.UTF8.GetString(removed.Bytes))));
    }

    [Fact]
    public void Finds_our_name_in_either_spelling()
    {
        using var message = Messages.Read("Authentication-Results: mx.b\u00fccher.example; spf=pass\r\n\r\n");
        Assert.Single(AuthResultsField.FindForged(message, "mx.xn--bcher-kva.example"));
    }

    [Fact]
    public void A_name_of_a_thousand_pieces_is_put_together_once()
    {
        var value = "a; x" + string.Concat(Enumerable.Repeat(" .y", 80_000));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Empty(AuthResultsField.Parse(value)!.Value.Results);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 * value.Length);
    }

    [Fact]
    public void What_is_written_is_read_back_and_any_text_is_read_or_refused()
    {
        var words = Gen.String[Gen.Char["ab.@\"\\ ;=()/\u00e9"], 1, 12];
        Gen.Select(words, words.List[1, 3]).Sample((server, values) =>
        {
            var (named, results) = AuthResultsField.Parse(AuthResultsField.Format(server, [new AuthResult("dkim", "pass", [.. values.Select(value => ("header.d", value))])]))!.Value;
            Assert.Equal(server, named);
            Assert.Equal(values, Assert.Single(results).Properties.Select(property => property.Value));
        });
        Gen.String[Gen.Char["ab.@\"\\ ;=()/\r\n\t"], 0, 80].Sample(text => _ = AuthResultsField.Parse(text));
    }
}
