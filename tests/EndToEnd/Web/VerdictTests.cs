using Appliance.EndToEnd.Harness;
using Appliance.Mail.Tests.Dns;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Appliance.EndToEnd.Web;

/// <summary>What a reader is told of where a message comes from.</summary>
public sealed class VerdictTests : IAsyncLifetime
{
    private readonly ZoneServer _dns = new();
    private Household? _household;

    private Household Household => _household!;

    public async ValueTask InitializeAsync()
    {
        _dns.AddText("jensen.example", "v=spf1 ip4:127.0.0.1 ip6:::1 -all");
        _dns.AddText("_dmarc.jensen.example", "v=DMARC1; p=reject");
        _dns.AddText("bank.example", "v=spf1 ip4:192.0.2.1 -all");
        _dns.AddText("_dmarc.bank.example", "v=DMARC1; p=quarantine");
        _household = await Household.MoveInAsync(new ApplianceSettings
        {
            Values = new Dictionary<string, string> { ["Dns:Servers"] = _dns.Address.ToString(), ["MailAuth:ExemptClients"] = "", ["Senders:GreylistMinutes"] = "0" },
        });
        await Letters.PlainAsync(Household.Appliance, Household.AnnAddress, "Photos from the lake", "There are four hundred of them.", "Martha Jensen <martha@jensen.example>");
        await Letters.PlainAsync(Household.Appliance, Household.AnnAddress, "Your account is blocked", "Open this link within the hour.", "Your Bank <service@bank.example>");
        await Letters.PlainAsync(Household.Appliance, Household.AnnAddress, "Hello from nowhere", "Nobody vouches for me.", "Nemo <nemo@nowhere.example>");
    }

    public async ValueTask DisposeAsync()
    {
        if (_household is not null)
            await _household.DisposeAsync();
        await _dns.DisposeAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Says_who_vouches_for_a_message_and_warns_of_one_that_nobody_vouches_for(ColorScheme scheme)
    {
        await using var ann = await MemberAtTheBrowser.SitDownAsync(Household.Appliance, scheme);
        await ann.SignInAsync(Household.AnnAddress, Household.AnnPassword);
        await ann.OpenAsync("Photos from the lake");
        await ann.Message.GetByRole(AriaRole.Button, new() { Name = "Verified: jensen.example" }).ClickAsync();
        var told = ann.Page.GetByRole(AriaRole.Dialog, new() { Name = "Verified: jensen.example" });
        await Expect(told).ToContainTextAsync("Sent by jensen.example, not signed.");
        await Expect(ann.Message.GetByRole(AriaRole.Note)).ToHaveCountAsync(0);
        await told.GetByText("Details").ClickAsync();
        await Expect(told).ToContainTextAsync("pass · jensen.example · the author’s domain");
        await ann.Browser.AssertAccessibleAsync();
        await ann.Browser.PictureAsync($"verdict-pass-{scheme}");
        await ann.Page.Keyboard.PressAsync("Escape");
        await ann.OpenAsync("Hello from nowhere");
        await Expect(ann.Message.GetByRole(AriaRole.Button, new() { Name = "Sender not verified" })).ToBeVisibleAsync();

        await ann.Page.GetByRole(AriaRole.Link, new() { Name = "Junk" }).ClickAsync();
        await ann.OpenAsync("Your account is blocked");
        await Expect(ann.Message.GetByRole(AriaRole.Note)).ToContainTextAsync("This message says that it is from bank.example, but that could not be confirmed.");
        await ann.Message.GetByRole(AriaRole.Button, new() { Name = "Sender check failed" }).ClickAsync();
        await Expect(ann.Page.GetByRole(AriaRole.Dialog, new() { Name = "Sender check failed" })).ToContainTextAsync("bank.example asks that such mail be kept apart.");
        await ann.Browser.AssertAccessibleAsync();
        await ann.Browser.PictureAsync($"verdict-fail-{scheme}");
    }
}
