using System.Globalization;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Appliance.EndToEnd.Web;

/// <summary>Settings of how long mail is kept, the end dates that senders give, and emptying Trash.</summary>
public sealed class RetentionTests : IAsyncLifetime
{
    private Household _household = null!;

    public async ValueTask InitializeAsync() => _household = await Household.MoveInAsync();

    public ValueTask DisposeAsync() => _household.DisposeAsync();

    [Fact]
    public async Task A_members_rule_and_the_operators_count_down_on_what_is_there_and_are_lifted_again()
    {
        await Letters.PlainAsync(_household.Appliance, Household.BenAddress, "The old boat", "Still afloat.");
        await using var ben = await SignedInAsync(Household.BenAddress, Household.BenPassword);
        var settings = await OpenSettingsAsync(ben);
        await Expect(settings.GetByText("How long everybody’s mail is kept")).ToHaveCountAsync(0);
        await settings.GetByLabel("Keep my messages").SelectOptionAsync("Another number of days…");
        await settings.GetByLabel("Days", new() { Exact = true }).FillAsync("1");
        await Expect(settings.GetByText("One message will be destroyed on")).ToBeVisibleAsync();
        await ben.Browser.AssertAccessibleAsync();
        await ben.Browser.PictureAsync("settings");
        await settings.GetByLabel("Days", new() { Exact = true }).FillAsync("0");
        await Expect(settings.GetByRole(AriaRole.Button, new() { Name = "Save" })).ToBeDisabledAsync();
        await settings.GetByLabel("Keep my messages").SelectOptionAsync("90 days");
        await Expect(settings.GetByText("Nothing is that old yet.")).ToBeVisibleAsync();
        await SaveAsync(settings);
        await Expect(Row(ben, "The old boat")).ToContainTextAsync("in 89 days");

        await using (var ann = await SignedInAsync(Household.AnnAddress, Household.AnnPassword, ColorScheme.Dark))
        {
            var policy = (await OpenSettingsAsync(ann)).GetByRole(AriaRole.Region, new() { Name = "How long everybody’s mail is kept" });
            await policy.GetByLabel("Keep everybody’s messages").SelectOptionAsync("30 days");
            await Expect(policy.GetByText("Nothing is that old yet.")).ToBeVisibleAsync();
            await ann.Browser.AssertAccessibleAsync();
            await ann.Browser.PictureAsync("settings-operator");
            await SaveAsync(policy);
        }
        await Expect(Row(ben, "The old boat")).ToContainTextAsync("in 29 days");
        await ben.Page.ReloadAsync();
        await ben.OpenAsync("The old boat");
        await Expect(ben.Page.Locator("main")).ToContainTextAsync("this server keeps mail no longer");
        settings = await OpenSettingsAsync(ben);
        await Expect(settings).ToContainTextAsync("This server destroys everybody’s mail after 30 days");
        await Expect(settings.GetByLabel("Keep my messages")).ToHaveValueAsync("90");
    }

    [Fact]
    public async Task The_date_a_sender_gives_is_offered_to_those_who_want_that_and_only_then()
    {
        var end = TimeProvider.System.GetUtcNow().AddDays(5);
        await Letters.SendAsync(
            _household.Appliance, Household.BenAddress, "City Theatre <box@theatre.example>", "Tickets for Friday",
            string.Create(CultureInfo.InvariantCulture, $"Expires: {end:ddd, dd MMM yyyy HH:mm:ss} +0000\nContent-Type: text/plain\n\nThe doors open at seven."));
        await using var ben = await SignedInAsync(Household.BenAddress, Household.BenPassword);
        await ben.OpenAsync("Tickets for Friday");
        await Expect(ben.Page.GetByText("of no use after")).ToHaveCountAsync(0);

        var settings = await OpenSettingsAsync(ben);
        await settings.GetByLabel("Tell me when a sender gives an end date").ClickAsync();
        await Expect(settings.GetByLabel("Tell me when a sender gives an end date")).ToBeCheckedAsync();
        await ben.Page.Keyboard.PressAsync("Escape");
        await Expect(ben.Page.GetByText("of no use after")).ToBeVisibleAsync();
        await Expect(Row(ben, "Tickets for Friday")).Not.ToContainTextAsync("in 4 days");
        await ben.Browser.AssertAccessibleAsync();
        await ben.Browser.PictureAsync("expiry-hint");
        await ben.PressAsync("Destroy it then");
        await Expect(Row(ben, "Tickets for Friday")).ToContainTextAsync("in 4 days");
        await Expect(ben.Page.GetByText("of no use after")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Trash_is_emptied_after_a_question_that_says_how_much()
    {
        foreach (var subject in new[] { "One for the bin", "Two for the bin" })
            await Letters.PlainAsync(_household.Appliance, Household.BenAddress, subject, "Away with it.");
        await using var ben = await SignedInAsync(Household.BenAddress, Household.BenPassword);
        ben.Browser.Expected.Add("404");
        foreach (var subject in new[] { "One for the bin", "Two for the bin" })
        {
            await ben.OpenAsync(subject);
            await ben.PressAsync("Move to Trash");
            await Expect(Row(ben, subject)).ToHaveCountAsync(0);
        }
        await ben.Page.GetByRole(AriaRole.Link, new() { Name = "Trash" }).ClickAsync();
        await Expect(ben.Rows).ToHaveCountAsync(2);
        await ben.Browser.PictureAsync("trash");
        await ben.PressAsync("Empty Trash");
        var dialog = ben.Page.GetByRole(AriaRole.Dialog, new() { Name = "Empty Trash forever?" });
        await Expect(dialog).ToContainTextAsync("2 messages are destroyed at once");
        await ben.Browser.AssertAccessibleAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Empty Trash" }).ClickAsync();
        await Expect(ben.Page.GetByText("2 messages deleted forever")).ToBeVisibleAsync();
        await Expect(ben.Rows).ToHaveCountAsync(0);
        await Expect(ben.Page.GetByRole(AriaRole.Button, new() { Name = "Empty Trash" })).ToBeDisabledAsync();
    }

    private async Task<MemberAtTheBrowser> SignedInAsync(string address, string password, ColorScheme scheme = ColorScheme.Light)
    {
        var member = await MemberAtTheBrowser.SitDownAsync(_household.Appliance, scheme);
        await member.SignInAsync(address, password);
        return member;
    }

    private static async Task<ILocator> OpenSettingsAsync(MemberAtTheBrowser member)
    {
        await member.Page.GetByRole(AriaRole.Button, new() { Name = "Account" }).ClickAsync();
        await member.PressAsync("Settings");
        return member.Page.GetByRole(AriaRole.Dialog, new() { Name = "Settings" });
    }

    private static async Task SaveAsync(ILocator form)
    {
        await form.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(form.GetByText("Saved.")).ToBeVisibleAsync();
    }

    private static ILocator Row(MemberAtTheBrowser member, string subject) => member.Rows.Filter(new() { HasText = subject });
}
