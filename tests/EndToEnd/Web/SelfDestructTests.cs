using Appliance.EndToEnd.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Appliance.EndToEnd.Web;

/// <summary>Moving messages, taking that back, and letting them go for good.</summary>
public sealed class SelfDestructTests(SharedHousehold shared) : IClassFixture<SharedHousehold>
{
    private const float Patience = 60_000;

    private ApplianceProcess Appliance => shared.Household.Appliance;

    [Fact]
    public async Task A_message_with_an_expiry_counts_down_and_goes_on_two_signed_in_devices()
    {
        await Letters.PlainAsync(Appliance, Household.BenAddress, "Gone in a moment", "Read me quickly.");
        await using var desk = await SignedInAsync();
        await using var sofa = await SignedInAsync();
        desk.Browser.Expected.Add("404");
        sofa.Browser.Expected.Add("404");
        await desk.OpenAsync("Gone in a moment");
        await ExpireInAsync(desk, TimeSpan.FromSeconds(15));
        await Expect(desk.Page.Locator("main")).ToContainTextAsync("Destroyed in");
        await Expect(desk.Page.Locator("main")).ToContainTextAsync("may have been copied elsewhere");
        await Expect(Row(sofa, "Gone in a moment")).ToContainTextAsync("sec");
        await desk.Browser.AssertAccessibleAsync();

        await Expect(Row(sofa, "Gone in a moment")).ToHaveCountAsync(0, new() { Timeout = Patience });
        await Expect(Row(desk, "Gone in a moment")).ToHaveCountAsync(0, new() { Timeout = Patience });
        await Expect(desk.Page.GetByText("This message is no longer here")).ToBeVisibleAsync();
        await Expect(desk.Page.GetByText("Read me quickly.")).ToHaveCountAsync(0);
        await desk.Browser.AssertAccessibleAsync();
    }

    [Fact]
    public async Task Moved_to_trash_with_its_thirty_days_and_taken_back()
    {
        await Letters.PlainAsync(Appliance, Household.BenAddress, "Not meant for the bin", "Keep me.");
        await using var ben = await SignedInAsync();
        await ben.OpenAsync("Not meant for the bin");
        await ben.PressAsync("Move to Trash");
        await Expect(Row(ben, "Not meant for the bin")).ToHaveCountAsync(0);
        await Expect(ben.Page.GetByText("Moved to Trash")).ToBeVisibleAsync();
        await ben.Page.GetByRole(AriaRole.Link, new() { Name = "Trash" }).ClickAsync();
        await Expect(ben.Page.GetByText("destroyed 30 days after they were moved here")).ToBeVisibleAsync();
        await Expect(Row(ben, "Not meant for the bin")).ToContainTextAsync("in 29 days");
        await ben.Browser.AssertAccessibleAsync();

        await ben.Page.Keyboard.PressAsync("z");
        await Expect(Row(ben, "Not meant for the bin")).ToHaveCountAsync(0);
        await ben.Page.GetByRole(AriaRole.Link, new() { Name = "Inbox" }).ClickAsync();
        await Expect(Row(ben, "Not meant for the bin")).ToBeVisibleAsync();
        await Expect(Row(ben, "Not meant for the bin")).Not.ToContainTextAsync("in 29 days");
    }

    [Fact]
    public async Task Deleted_forever_from_trash_only_after_a_question()
    {
        await Letters.PlainAsync(Appliance, Household.BenAddress, "For the fire", "Burn me.");
        await using var ben = await SignedInAsync();
        ben.Browser.Expected.Add("404");
        await ben.OpenAsync("For the fire");
        await ben.Page.Keyboard.PressAsync("#");
        await ben.Page.GetByRole(AriaRole.Link, new() { Name = "Trash" }).ClickAsync();
        await ben.OpenAsync("For the fire");
        await ben.Page.Keyboard.PressAsync("Delete");
        var dialog = ben.Page.GetByRole(AriaRole.Dialog, new() { Name = "Delete this message forever?" });
        await Expect(dialog).ToContainTextAsync("Nobody can bring it back.");
        await ben.Browser.AssertAccessibleAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(Row(ben, "For the fire")).ToBeVisibleAsync();
        await ben.Page.Keyboard.PressAsync("Delete");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Delete forever" }).ClickAsync();
        await Expect(Row(ben, "For the fire")).ToHaveCountAsync(0);
        await Expect(ben.Page.GetByText("Deleted forever")).ToBeVisibleAsync();
        await ben.Page.ReloadAsync();
        await Expect(ben.Page.GetByRole(AriaRole.Heading, new() { Name = "Trash" })).ToBeVisibleAsync();
        await Expect(Row(ben, "For the fire")).ToHaveCountAsync(0);
    }

    private static async Task ExpireInAsync(MemberAtTheBrowser member, TimeSpan time)
    {
        await member.PressAsync("Destroy later");
        await member.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Choose date and time…" }).ClickAsync();
        // Chromium shortens a full minute to hours and minutes, and Playwright then takes its own value for malformed.
        var at = await member.Page.EvaluateAsync<string>(
            """
            seconds => {
                const at = new Date(Date.now() + seconds * 1000);
                return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 19).replace(/:00$/, '');
            }
            """,
            time.TotalSeconds);
        await member.Page.GetByLabel("Date and time").FillAsync(at);
        await member.PressAsync("Set");
    }

    private static ILocator Row(MemberAtTheBrowser member, string subject) => member.Rows.Filter(new() { HasText = subject });

    private async Task<MemberAtTheBrowser> SignedInAsync()
    {
        var member = await MemberAtTheBrowser.SitDownAsync(Appliance);
        await member.SignInAsync(Household.BenAddress, Household.BenPassword);
        return member;
    }
}
