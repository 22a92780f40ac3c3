using Appliance.Client.Api;

namespace Appliance.Client.Tests.Api;

public sealed class ServerOriginTests
{
    private const string Token = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    [Theory]
    [InlineData("https://mail.example.org/", "https://mail.example.org")]
    [InlineData("https://mail.example.org:8443/mail?x=1", "https://mail.example.org:8443")]
    [InlineData("http://localhost:8080", "http://localhost:8080")]
    [InlineData("http://127.0.0.1:5000", "http://127.0.0.1:5000")]
    public void Takes_https_and_plain_http_to_this_computer(string text, string expected)
    {
        Assert.True(ServerOrigin.TryParse(text, out var origin, out _));
        Assert.Equal(expected, origin.ToString());
    }

    [Theory]
    [InlineData("http://mail.example.org", "--fingerprint")]
    [InlineData("http://localhost.example.org", "Plain http")]
    [InlineData("https://ann@mail.example.org", "not a server's address")]
    [InlineData("ftp://mail.example.org", "Use https")]
    [InlineData("mail.example.org", "not a server's address")]
    [InlineData(null, "not a server's address")]
    public void Refuses_the_rest_and_says_what_to_do(string? text, string part)
    {
        Assert.False(ServerOrigin.TryParse(text, out _, out var problem));
        Assert.Contains(part, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_gives_origin_and_token_and_does_not_show_the_token()
    {
        Assert.True(ActivationLink.TryParse($"https://mail.example.org/activate#{Token}", out var link, out _));
        Assert.Equal(("https://mail.example.org", Token), (link.Origin.ToString(), link.Token));
        Assert.DoesNotContain(Token, link.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://mail.example.org/activate")]
    [InlineData("https://mail.example.org/activate#short")]
    [InlineData("https://mail.example.org/other#" + Token)]
    [InlineData("http://mail.example.org/activate#" + Token)]
    public void Anything_else_is_not_a_link(string text) => Assert.False(ActivationLink.TryParse(text, out _, out _));

    [Theory]
    [InlineData("SHA256:")]
    [InlineData("")]
    public void A_fingerprint_is_read_with_or_without_colons(string prefix)
    {
        var text = prefix + string.Join(':', Enumerable.Repeat("AB", 32));
        Assert.True(ServerConnection.TryParseFingerprint(text, out var fingerprint));
        Assert.Equal(string.Concat(Enumerable.Repeat("ab", 32)), fingerprint);
        Assert.False(ServerConnection.TryParseFingerprint(text[..^1], out _));
    }
}
