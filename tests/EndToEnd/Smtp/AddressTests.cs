using System.Text.Json;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Smtp;

/// <summary>Domains, aliases, tags and catch-alls, as the operator sets them on the command line and senders use them.</summary>
public sealed class AddressTests(SharedHousehold shared) : IClassFixture<SharedHousehold>
{
    private Household Household => shared.Household;

    [Fact]
    public async Task Mail_reaches_whom_the_operator_says()
    {
        var appliance = Household.Appliance;
        Assert.Equal("shop.example, what nobody has goes to ben@home.example", await SayAsync("domain", "add", "shop.example", "--catch-all", Household.BenAddress));
        Assert.Equal("home.test, another name of home.example", await SayAsync("domain", "add", "home.test", "--alias-of", "home.example"));
        Assert.Equal("family@home.example → ann@home.example, ben@home.example", await SayAsync("alias", "add", "family@home.example", Household.AnnAddress, Household.BenAddress));
        using var domains = JsonDocument.Parse((await appliance.CommandAsync("domain", "list", "--json")).Succeeded().Output);
        Assert.Equal(["home.example", "home.test", "shop.example"], domains.RootElement.EnumerateArray().Select(domain => domain.GetProperty("domain").GetString()));
        Assert.Equal("family@home.example → ann@home.example, ben@home.example", await SayAsync("alias", "list"));

        await SendAsync("to both", "family@home.example");
        await SendAsync("to both, and to Ann by name", "family@home.example", Household.AnnAddress);
        await SendAsync("tagged", "ann+shop@home.example");
        await SendAsync("other name", "ben@home.test");
        await SendAsync("nobody's", "whoever@shop.example");
        Assert.Equal(["tagged", "to both", "to both, and to Ann by name"], await SubjectsAsync(Household.Ann));
        Assert.Equal(["nobody's", "other name", "to both", "to both, and to Ann by name"], await SubjectsAsync(Household.Ben));

        Assert.Equal("family@home.example is no alias any more.", await SayAsync("alias", "remove", "family@home.example"));
        await using var dialogue = await SmtpDialogue.OpenAsync(appliance.Mx);
        await dialogue.SayAsync("EHLO client.example");
        await dialogue.SayAsync("MAIL FROM:<>");
        Assert.StartsWith("550 5.1.1 ", await dialogue.SayAsync("RCPT TO:<family@home.example>"), StringComparison.Ordinal);
        Assert.StartsWith("550 5.7.1 ", await dialogue.SayAsync("RCPT TO:<ann@elsewhere.example>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_leads_nowhere_is_refused_in_a_sentence()
    {
        var refused = await Household.Appliance.CommandAsync("alias", "add", "info@home.example", "nobody@home.example");
        Assert.Equal(1, refused.Status);
        Assert.Contains("nobody@home.example is no member's address", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(2, (await Household.Appliance.CommandAsync("alias", "add", "info@home.example")).Status);
    }

    private async Task<string> SayAsync(params string[] command) => (await Household.Appliance.CommandAsync(command)).Succeeded().Text.Trim();

    private async Task SendAsync(string subject, params string[] recipients)
    {
        await using var dialogue = await SmtpDialogue.OpenAsync(Household.Appliance.Mx);
        await dialogue.SayAsync("EHLO client.example");
        await dialogue.SayAsync("MAIL FROM:<friend@example.net>");
        foreach (var recipient in recipients)
            Assert.StartsWith("250 ", await dialogue.SayAsync($"RCPT TO:<{recipient}>"), StringComparison.Ordinal);
        await dialogue.SayAsync("DATA");
        Assert.StartsWith("250 ", await dialogue.SayAsync($"Subject: {subject}\r\n\r\nHello.\r\n."), StringComparison.Ordinal);
    }

    private static async Task<IEnumerable<string>> SubjectsAsync(BridgeProgram member) => (await member.ListAsync()).Select(listed => listed.Subject).Order(StringComparer.Ordinal);
}
