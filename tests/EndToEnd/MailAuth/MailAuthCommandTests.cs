using System.Text;
using System.Text.Json;
using Appliance.EndToEnd.Harness;
using Appliance.Mail.Tests.Dns;

namespace Appliance.EndToEnd.MailAuth;

/// <summary><c>appliance mailauth</c>, which needs neither a service nor data.</summary>
public sealed class MailAuthCommandTests : IAsyncDisposable
{
    private readonly ZoneServer _dns = new();

    public ValueTask DisposeAsync() => _dns.DisposeAsync();

    [Fact]
    public async Task Prints_what_spf_says_of_a_sender_and_of_the_greeting()
    {
        _dns.AddText("example.org", "v=spf1 a:mail.example.org include:other.example -all");
        _dns.AddText("other.example", "v=spf1 ip4:198.51.100.0/24 -all");
        _dns.Add("mail.example.org", ZoneServer.A, [192, 0, 2, 1]);
        using var passed = await SpfAsync("198.51.100.7", "mail.example.org", "ann@example.org");
        Assert.Equal("pass", passed.RootElement.GetProperty("result").GetString());
        Assert.Equal(2, passed.RootElement.GetProperty("lookups").GetInt32());
        Assert.Equal("example.org says that this server sends for it", passed.RootElement.GetProperty("reason").GetString());
        Assert.Equal("none", passed.RootElement.GetProperty("helo").GetProperty("result").GetString());

        using var bounce = await SpfAsync("203.0.113.9", "example.org", "");
        Assert.Equal("fail", bounce.RootElement.GetProperty("result").GetString());
        Assert.Equal("fail", bounce.RootElement.GetProperty("helo").GetProperty("result").GetString());
    }

    [Theory]
    [InlineData("--ip", "nowhere", "--helo", "a.example", "--from", "")]
    [InlineData("--ip", "192.0.2.1", "--helo", "a.example")]
    [InlineData("--ip", "192.0.2.1", "--helo", "a.example", "--from", "", "--dns", "localhost")]
    public async Task Says_what_is_wrong_with_its_arguments(params string[] arguments)
    {
        var result = await CommandAsync(arguments);
        Assert.Equal(2, result.Status);
        Assert.Contains("See: appliance --help", result.Errors, StringComparison.Ordinal);
    }

    // RFC 8463 A.3, with the line ends of a Unix file.
    private const string Signed = """
        DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
         d=football.example.com; i=@football.example.com;
         q=dns/txt; s=brisbane; t=1528637909; h=from : to :
         subject : date : message-id : from : subject : date;
         bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
         b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
         Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
        From: Joe SixPack <joe@football.example.com>
        To: Suzie Q <suzie@shopping.example.net>
        Subject: Is dinner ready?
        Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
        Message-ID: <20030712040037.46341.5F8J@football.example.com>

        Hi.

        We lost the game.  Are you hungry yet?

        Joe.

        """;

    [Fact]
    public async Task Prints_what_is_found_of_a_message()
    {
        _dns.AddText("brisbane._domainkey.football.example.com", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
        _dns.AddText("_dmarc.example.com", "v=DMARC1; p=reject");
        _dns.AddText("example.com", "v=spf1 ip4:192.0.2.1 -all");
        using var found = await VerifyAsync(Signed);
        var root = found.RootElement;
        Assert.Equal(("none", "the client's address is not known (--ip)"), (Word(root, "spf"), root.GetProperty("spf").GetProperty("reason").GetString()));
        var dkim = Assert.Single(root.GetProperty("dkim").EnumerateArray());
        Assert.Equal(
            ("pass", "football.example.com", "brisbane", "ed25519-sha256", true),
            (dkim.GetProperty("result").GetString(), dkim.GetProperty("domain").GetString(), dkim.GetProperty("selector").GetString(), dkim.GetProperty("algorithm").GetString(), dkim.GetProperty("aligned").GetBoolean()));
        Assert.Equal(("none", "pass"), (Word(root, "arc"), Word(root, "dmarc")));

        using var changed = await VerifyAsync(Signed + "And more.\n", "--ip", "192.0.2.1", "--helo", "mail.example.com", "--from", "bounces@example.com");
        Assert.Equal(("pass", "pass"), (Word(changed.RootElement, "spf"), Word(changed.RootElement, "dmarc")));
        Assert.Equal("fail", changed.RootElement.GetProperty("dkim")[0].GetProperty("result").GetString());

        using var unsigned = await VerifyAsync("From: joe@football.example.com\n\nHi.\n", "--ip", "192.0.2.2", "--helo", "mail.example.com", "--from", "");
        Assert.Equal((0, "fail"), (unsigned.RootElement.GetProperty("dkim").GetArrayLength(), Word(unsigned.RootElement, "dmarc")));
    }

    private async Task<JsonDocument> VerifyAsync(string message, params string[] arguments)
    {
        string[] line = [.. Programs.Server, "mailauth", "verify", "--dns", _dns.Address.ToString(), .. arguments];
        var result = (await new Command(line[0], line[1..]) { Input = Encoding.UTF8.GetBytes(message.ReplaceLineEndings("\n")) }.RunAsync()).Succeeded();
        return JsonDocument.Parse(result.Output);
    }

    private static string Word(JsonElement root, string method) => root.GetProperty(method).GetProperty("result").GetString()!;

    private async Task<JsonDocument> SpfAsync(string ip, string helo, string from)
    {
        var result = (await CommandAsync("--ip", ip, "--helo", helo, "--from", from, "--dns", _dns.Address.ToString())).Succeeded();
        return JsonDocument.Parse(result.Output);
    }

    private static Task<CommandResult> CommandAsync(params string[] arguments)
    {
        string[] line = [.. Programs.Server, "mailauth", "spf", .. arguments];
        return new Command(line[0], line[1..]).RunAsync();
    }
}
