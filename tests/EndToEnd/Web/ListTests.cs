using System.Globalization;
using Appliance.EndToEnd.Harness;
using Appliance.EndToEnd.Traffic;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Appliance.EndToEnd.Web;

/// <summary>The list: live, long, by keyboard, in both languages and without a connection.</summary>
public sealed class ListTests(SharedHousehold shared) : IClassFixture<SharedHousehold>
{
    private ApplianceProcess Appliance => shared.Household.Appliance;

    [Fact]
    public async Task Mail_arrives_on_two_signed_in_devices_and_is_read_on_both()
    {
        await using var desk = await SignedInAsync(Household.BenAddress, Household.BenPassword);
        await using var sofa = await SignedInAsync(Household.BenAddress, Household.BenPassword);
        await Letters.PlainAsync(Appliance, Household.BenAddress, "On both screens", "Hello.");
        await Expect(desk.Rows.Filter(new() { HasText = "On both screens" })).ToContainTextAsync("Unread");
        await sofa.OpenAsync("On both screens");
        await Expect(desk.Rows.Filter(new() { HasText = "On both screens" })).Not.ToContainTextAsync("Unread");

        await sofa.PressAsync("Mark as unread");
        await Expect(desk.Rows.Filter(new() { HasText = "On both screens" })).ToContainTextAsync("Unread");
    }

    [Fact]
    public async Task A_thousand_messages_scroll_with_a_few_rows_drawn_and_the_keyboard_alone()
    {
        const int count = 1_000;
        var address = await NewMemberAsync("long");
        await Senders.SmtpSourceAsync(Appliance.Mx, "list@sender.example", address, count, 4, 500, "one of many");
        await using var member = await SignedInAsync(address, "a good password for tests");
        await Expect(member.Page.GetByText("1000 messages")).ToBeVisibleAsync();
        await Expect(member.Rows.First).ToBeVisibleAsync(); // the count is there before the rows are opened
        Assert.InRange(await member.Rows.CountAsync(), 5, 40);

        await member.Page.GetByRole(AriaRole.Listbox).FocusAsync();
        await Until.SomeAsync(
            async () =>
            {
                await member.Page.Keyboard.PressAsync("End");
                return await member.Page.Locator($"[aria-posinset='{count.ToString(CultureInfo.InvariantCulture)}']").CountAsync() == 1 ? "" : null;
            },
            TimeSpan.FromSeconds(60),
            () => "The list did not load to its end.");
        Assert.InRange(await member.Rows.CountAsync(), 5, 40);
        await member.Page.Keyboard.PressAsync("Enter");
        await Expect(member.Message).ToBeVisibleAsync();
        await member.Browser.AssertAccessibleAsync();
    }

    [Fact]
    public async Task J_and_k_walk_Enter_opens_u_goes_back()
    {
        var address = await NewMemberAsync("keys");
        foreach (var subject in new[] { "first", "second", "third" })
            await Letters.PlainAsync(Appliance, address, subject, $"This is the {subject} message.");
        await using var member = await SignedInAsync(address, "a good password for tests");
        await Expect(member.Rows).ToHaveCountAsync(3);

        await PressKeysAsync(member, "j", "j", "Enter");
        await Expect(member.Message).ToContainTextAsync("This is the second message.");
        await PressKeysAsync(member, "j");
        await Expect(member.Message).ToContainTextAsync("This is the first message.");
        await PressKeysAsync(member, "k", "k");
        await Expect(member.Message).ToContainTextAsync("This is the third message.");
        await PressKeysAsync(member, "u");
        await Expect(member.Message).ToHaveCountAsync(0);
        await Expect(member.Page.GetByRole(AriaRole.Listbox)).ToBeFocusedAsync();
        await PressKeysAsync(member, "?");
        await Expect(member.Page.GetByRole(AriaRole.Dialog, new() { Name = "Keyboard shortcuts" })).ToBeVisibleAsync();
        await member.Browser.AssertAccessibleAsync();
        await PressKeysAsync(member, "Escape");

        // The address bar says what is shown: back and forward work, and so does a reload.
        await member.OpenAsync("second");
        await member.Page.ReloadAsync();
        await Expect(member.Message).ToContainTextAsync("This is the second message.");
        await member.Page.GoBackAsync();
        await Expect(member.Message).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Chinese_by_the_browsers_wish_and_English_by_choice()
    {
        await using var member = await MemberAtTheBrowser.SitDownAsync(Appliance, ColorScheme.Dark, "zh-CN");
        await member.Page.GotoAsync("/");
        await Expect(member.Page.GetByRole(AriaRole.Heading, new() { Name = "登录" })).ToBeVisibleAsync();
        await member.Browser.AssertAccessibleAsync();
        await member.Page.GetByLabel("邮箱地址").FillAsync(Household.AnnAddress);
        await member.Page.GetByLabel("密码", new() { Exact = true }).FillAsync(Household.AnnPassword);
        await member.PressAsync("登录");
        await Expect(member.Page.GetByRole(AriaRole.Heading, new() { Name = "收件箱" })).ToBeVisibleAsync();
        await member.Browser.AssertAccessibleAsync();
        Assert.Equal("zh-Hans", await member.Page.EvaluateAsync<string>("() => document.documentElement.lang"));

        await member.Page.GetByRole(AriaRole.Button, new() { Name = "账户" }).ClickAsync();
        await member.Page.GetByText("English", new() { Exact = true }).ClickAsync();
        await Expect(member.Inbox).ToBeVisibleAsync();
        await member.Browser.AssertAccessibleAsync();
    }

    [Fact]
    public async Task On_a_telephone_one_thing_is_shown_at_a_time()
    {
        await Letters.PlainAsync(Appliance, Household.AnnAddress, "For the small screen", "Hello.");
        await using var ann = await MemberAtTheBrowser.SitDownAsync(Appliance);
        await ann.Page.SetViewportSizeAsync(390, 780);
        await ann.SignInAsync(Household.AnnAddress, Household.AnnPassword);
        await ann.OpenAsync("For the small screen");
        await Expect(ann.Page.GetByRole(AriaRole.Listbox)).ToBeHiddenAsync();
        await ann.PressAsync("Back to the list");
        await Expect(ann.Rows.First).ToBeVisibleAsync();
        await ann.PressAsync("Open folders");
        await ann.Browser.AssertAccessibleAsync();
        await ann.Page.GetByRole(AriaRole.Link, new() { Name = "Trash" }).ClickAsync();
        await Expect(ann.Page.GetByText("Nothing here")).ToBeVisibleAsync();
        Assert.Equal(390, await ann.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
    }

    [Fact]
    public async Task A_server_that_is_away_is_said_and_mail_comes_once_it_is_back()
    {
        await using var household = await Household.MoveInAsync();
        await using var ann = await MemberAtTheBrowser.SitDownAsync(household.Appliance);
        ann.Browser.Expected.Add("ERR_");
        await ann.SignInAsync(Household.AnnAddress, Household.AnnPassword);
        await household.Appliance.StopAsync();
        await Expect(ann.Page.GetByText("No connection.")).ToBeVisibleAsync();
        await ann.Browser.AssertAccessibleAsync();
        await household.Appliance.StartAsync();
        await Letters.PlainAsync(household.Appliance, Household.AnnAddress, "While away", "Hello.");
        await ann.OpenAsync("While away");
        await Expect(ann.Page.GetByText("No connection.")).ToBeHiddenAsync();
    }

    private async Task<string> NewMemberAsync(string name)
    {
        var address = $"{name}@{Household.Domain}";
        using var bridge = new BridgeProgram("a good password for tests");
        await bridge.ActivateAsync(await Appliance.InviteAsync(address));
        return address;
    }

    private async Task<MemberAtTheBrowser> SignedInAsync(string address, string password)
    {
        var member = await MemberAtTheBrowser.SitDownAsync(Appliance);
        await member.SignInAsync(address, password);
        return member;
    }

    private static async Task PressKeysAsync(MemberAtTheBrowser member, params string[] keys)
    {
        foreach (var key in keys)
            await member.Page.Keyboard.PressAsync(key);
    }
}
