using System.Text.Json;
using Appliance.EndToEnd.Canary;
using Appliance.EndToEnd.Harness;
using Appliance.Mail.Tests.Dns;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Appliance.EndToEnd.Web;

/// <summary>What a member says of a sender holds for that member's mail from then on.</summary>
public sealed class SenderTests : IAsyncLifetime
{
    private const string Bank = "\"service@bank.example\" <news@paper.example>";
    private readonly ZoneServer _dns = new();
    private Household? _household;

    private Household Household => _household!;

    public async ValueTask InitializeAsync() => _household = await Household.MoveInAsync(new ApplianceSettings
    {
        Values = new Dictionary<string, string> { ["Dns:Servers"] = _dns.Address.ToString(), ["MailAuth:ExemptClients"] = "" },
    });

    public async ValueTask DisposeAsync()
    {
        if (_household is not null)
            await _household.DisposeAsync();
        await _dns.DisposeAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Not_junk_allows_a_sender_and_a_blocked_one_is_refused(ColorScheme scheme)
    {
        await SuspectAsync("The morning paper");
        await using var ann = await MemberAtTheBrowser.SitDownAsync(Household.Appliance, scheme);
        await ann.SignInAsync(Household.AnnAddress, Household.AnnPassword);
        await FolderAsync(ann, "Junk");
        await ann.OpenAsync("The morning paper");
        await Expect(ann.Message.GetByRole(AriaRole.Note)).ToContainTextAsync("This message looked suspicious when it arrived.");
        await ann.Message.GetByRole(AriaRole.Button, new() { Name = "Sender not verified" }).ClickAsync();
        var told = ann.Page.GetByRole(AriaRole.Dialog, new() { Name = "Sender not verified" });
        await Expect(told).ToContainTextAsync("the sender’s name shows another address than the one it uses");
        await Expect(told).ToContainTextAsync("a link leads elsewhere than it says");
        await ann.Browser.AssertAccessibleAsync();
        await ann.Browser.PictureAsync($"junk-why-{scheme}");
        await ann.Page.Keyboard.PressAsync("Escape");

        // Not junk: this one goes to the inbox, and so does the next.
        await ann.PressAsync("Not junk");
        await Expect(ann.Page.GetByText("Moved to Inbox. Mail from news@paper.example goes there from now on.")).ToBeVisibleAsync();
        await FolderAsync(ann, "Inbox");
        await Expect(ann.Rows.Filter(new() { HasText = "The morning paper" })).ToHaveCountAsync(1);
        await AllowedSoonAsync();
        await SuspectAsync("The evening paper");
        await ann.OpenAsync("The evening paper");
        await Expect(ann.Message.GetByRole(AriaRole.Note)).ToHaveCountAsync(0);

        // Blocked: refused, until that is undone.
        await ann.PressAsync("More actions");
        await ann.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Block this sender" }).WaitForAsync();
        await ann.Browser.AssertAccessibleAsync();
        await ann.Browser.PictureAsync($"sender-menu-{scheme}");
        await ann.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Block this sender" }).ClickAsync();
        await Expect(ann.Page.GetByText("Mail from news@paper.example is refused from now on.")).ToBeVisibleAsync();
        Assert.StartsWith("550 5.7.1 The recipient takes no mail from this sender", await AnswerAsync("news@paper.example"), StringComparison.Ordinal);
        await ann.PressAsync("Undo");
        await Until.SomeAsync(async () => await AnswerAsync("news@paper.example") is ['2', ..] taken ? taken : null, TimeSpan.FromSeconds(20), () => "It is still refused.");

        // The list of them, and a whole domain on it.
        await ann.Page.GetByRole(AriaRole.Button, new() { Name = "Account" }).ClickAsync();
        await ann.PressAsync("Settings");
        var settings = ann.Page.GetByRole(AriaRole.Dialog, new() { Name = "Settings" });
        await settings.GetByLabel("Address or domain").FillAsync("Spam.Example");
        await ann.PressAsync("Add");
        var list = settings.GetByRole(AriaRole.List, new() { Name = "Senders you allow or block" });
        await Expect(list.GetByRole(AriaRole.Listitem)).ToHaveTextAsync(["news@paper.exampleAllowed", "spam.exampleBlocked"]);
        await settings.GetByLabel("Address or domain").FillAsync("not an address");
        ann.Browser.Expected.Add("422");
        await ann.PressAsync("Add");
        await Expect(settings.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Enter an address such as ann@example.org, or a domain such as example.org.");
        await ann.Browser.AssertAccessibleAsync();
        await ann.Browser.PictureAsync($"senders-{scheme}");
        Assert.StartsWith("550 5.7.1 ", await AnswerAsync("anybody@spam.example"), StringComparison.Ordinal);
        await ann.Page.GetByRole(AriaRole.Button, new() { Name = "Remove: spam.example" }).ClickAsync();
        await Expect(list.GetByRole(AriaRole.Listitem)).ToHaveTextAsync(["news@paper.exampleAllowed"]);
        Assert.StartsWith("250 ", await AnswerAsync("anybody@spam.example"), StringComparison.Ordinal);

        await ann.Page.Keyboard.PressAsync("Escape");

        // What was refused is told to Ann, as many as there is room for, and to nobody else.
        await FolderAsync(ann, "Junk");
        var opener = ann.Page.GetByRole(AriaRole.Button, new() { Name = "What was refused?" });
        await opener.ClickAsync();
        var refusals = ann.Page.GetByRole(AriaRole.Dialog, new() { Name = "Refused mail" });
        await Expect(refusals.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);
        await Expect(refusals.GetByRole(AriaRole.Listitem).First).ToContainTextAsync("anybody@spam.example");
        await Expect(refusals.GetByRole(AriaRole.Listitem).First).ToContainTextAsync("Refused: you block this sender.");
        await ann.Browser.AssertAccessibleAsync();
        await ann.Browser.PictureAsync($"refusals-{scheme}");
        await ann.Page.Keyboard.PressAsync("Escape");

        // For Ben nothing has changed.
        await SuspectAsync("For Ben", Household.BenAddress);
        Assert.Contains(await Household.Ben.ListAsync(), listed => listed is { Subject: "For Ben", Folder: "junk" });

        // Whom Ann named is in none of the service's files.
        var dump = Path.Combine(Household.Appliance.Root, "dump");
        (await Household.Appliance.CommandAsync("store", "dump", "--output", dump)).Succeeded();
        var stored = Directory.EnumerateFiles(Path.Combine(Household.Appliance.DataPath, "store"), "*", SearchOption.AllDirectories);
        Assert.Empty(new CanaryScanner(["news@paper.example", "anybody@spam.example"]).ScanFiles([dump, Household.Appliance.LogPath, .. stored]).Findings);
    }

    private static Task FolderAsync(MemberAtTheBrowser ann, string name) => ann.Page.GetByRole(AriaRole.Link, new() { Name = name }).ClickAsync();

    private Task SuspectAsync(string subject, string to = Household.AnnAddress) => Letters.SendAsync(
        Household.Appliance, to, Bank, subject, "Message-ID: <1@paper.example>\nContent-Type: text/html\n\n<p>Today: <a href=\"https://click.agent.example/1\">https://paper.example/today</a></p>");

    /// <summary>The rule is set right after the move, and shown before.</summary>
    private async Task AllowedSoonAsync() => await Until.SomeAsync(
        async () =>
        {
            using var verified = JsonDocument.Parse((await Household.Appliance.CommandAsync("store", "verify", "--json")).Output);
            return verified.RootElement.GetProperty("rows").TryGetProperty("senderRule", out var rules) && rules.GetInt64() > 0 ? "made" : null;
        },
        TimeSpan.FromSeconds(20), () => "No rule was made.");

    /// <summary>To RCPT.</summary>
    private async Task<string> AnswerAsync(string sender)
    {
        await using var dialogue = await SmtpDialogue.OpenAsync(Household.Appliance.Mx);
        await dialogue.SayAsync("EHLO mail.paper.example");
        await dialogue.SayAsync($"MAIL FROM:<{sender}>");
        return await dialogue.SayAsync($"RCPT TO:<{Household.AnnAddress}>");
    }
}
