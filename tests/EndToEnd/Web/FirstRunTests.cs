using Appliance.EndToEnd.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Appliance.EndToEnd.Web;

/// <summary>What a newcomer does: the link of the first start, a domain, a message from another program, read in the browser.</summary>
public sealed class FirstRunTests
{
    private const string Password = "correct horse battery staple";

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task From_the_set_up_link_to_a_message_that_arrives_by_itself(ColorScheme scheme)
    {
        await using var appliance = await ApplianceProcess.StartAsync();
        await using var ann = await MemberAtTheBrowser.SitDownAsync(appliance, scheme);

        await ann.ActivateAsync(appliance.SetupLink, Password, "example.org", "ann", async screen =>
        {
            await ann.Browser.AssertAccessibleAsync();
            if (scheme == ColorScheme.Light)
                await ann.Browser.PictureAsync("set-up-" + screen);
        });
        await Expect(ann.Page.GetByText("Your inbox is empty")).ToBeVisibleAsync();
        await ann.Browser.AssertAccessibleAsync();

        await Letters.PlainAsync(appliance, "ann@example.org", "Hello from SMTP", "It works.");
        await Expect(ann.Rows).ToHaveCountAsync(1);
        await ann.OpenAsync("Hello from SMTP");
        await Expect(ann.Message).ToContainTextAsync("It works.");
        await ann.Browser.AssertAccessibleAsync();
        Assert.False(File.Exists(Path.Combine(appliance.DataPath, "secrets", "setup-link")));
    }

    [Fact]
    public async Task An_invited_member_gets_an_own_mailbox()
    {
        await using var household = await Household.MoveInAsync();
        var link = await household.Appliance.InviteAsync("cleo@" + Household.Domain);
        await using var cleo = await MemberAtTheBrowser.SitDownAsync(household.Appliance);
        await cleo.ActivateAsync(link, Password);
        await Letters.PlainAsync(household.Appliance, "cleo@" + Household.Domain, "For Cleo alone", "Welcome.");
        await cleo.OpenAsync("For Cleo alone");

        // What the browser made, the bridge opens as well.
        using var bridge = new BridgeProgram(Password);
        await bridge.LoginAsync(household.Appliance.Web, "cleo@" + Household.Domain);
        Assert.Equal("For Cleo alone", Assert.Single(await bridge.ListAsync()).Subject);
    }

    [Fact]
    public async Task A_used_link_says_so_and_leads_to_the_sign_in_page()
    {
        await using var household = await Household.MoveInAsync();
        var link = await household.Appliance.InviteAsync("cleo@" + Household.Domain);
        using (var bridge = new BridgeProgram(Password))
            await bridge.ActivateAsync(link);
        await using var late = await MemberAtTheBrowser.SitDownAsync(household.Appliance);
        late.Browser.Expected.Add("404");
        await late.Page.GotoAsync(link);
        await Expect(late.Page.GetByRole(AriaRole.Main)).ToContainTextAsync("has been used or has expired");
        await late.Browser.AssertAccessibleAsync();
        await late.PressAsync("Sign in");
        await late.Page.GetByLabel("Email address").WaitForAsync();
    }

    [Fact]
    public async Task A_weak_password_and_a_wrong_word_are_caught_before_anything_is_made()
    {
        await using var appliance = await ApplianceProcess.StartAsync();
        await using var ann = await MemberAtTheBrowser.SitDownAsync(appliance);
        await ann.Page.GotoAsync(appliance.SetupLink);
        await ann.PressAsync("Continue");
        await Expect(ann.Page.GetByText("Enter a domain such as example.org.")).ToBeVisibleAsync();
        await ann.Page.GetByLabel("Domain").FillAsync("example.org");
        await ann.Page.GetByLabel("Your name in the address").FillAsync("ann");
        await ann.PressAsync("Continue");
        await ann.Page.GetByLabel("Password", new() { Exact = true }).FillAsync("short");
        await ann.PressAsync("Make my keys");
        await Expect(ann.Page.GetByText("Use at least 10 characters.")).ToBeVisibleAsync();
        await ann.Page.GetByLabel("Password", new() { Exact = true }).FillAsync(Password);
        await ann.Page.GetByLabel("Repeat password").FillAsync(Password + "!");
        await ann.PressAsync("Make my keys");
        await Expect(ann.Page.GetByText("The two passwords are not the same.")).ToBeVisibleAsync();
        await ann.Page.GetByLabel("Repeat password").FillAsync(Password);
        await ann.PressAsync("Make my keys");
        await ann.PressAsync("I have written them down");
        await ann.Page.GetByLabel("Word ").First.FillAsync("wrong");
        await ann.PressAsync("Open my inbox");
        await Expect(ann.Page.GetByText("This is not the word.").First).ToBeVisibleAsync();
        await ann.PressAsync("Show the words again");
        await Expect(ann.Page.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(12);
    }
}
