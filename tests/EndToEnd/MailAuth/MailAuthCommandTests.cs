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
