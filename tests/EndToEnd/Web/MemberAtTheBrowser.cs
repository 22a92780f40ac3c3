using Appliance.EndToEnd.Harness;
using Microsoft.Playwright;

namespace Appliance.EndToEnd.Web;

/// <summary>The mail client as a member works it: by what the page calls things, in English unless said otherwise.</summary>
public sealed class MemberAtTheBrowser : IAsyncDisposable
{
    private readonly Uri _web;

    private MemberAtTheBrowser(Browser browser, Uri web) => (Browser, _web) = (browser, web);

    public Browser Browser { get; }

    public IPage Page => Browser.Page;

    /// <summary>The rows of the list that are drawn, newest first.</summary>
    public ILocator Rows => Page.GetByRole(AriaRole.Option);

    /// <summary>The opened message.</summary>
    public ILocator Message => Page.GetByRole(AriaRole.Article);

    public ILocator Inbox => Page.GetByRole(AriaRole.Heading, new() { Name = "Inbox" });

    public static async Task<MemberAtTheBrowser> SitDownAsync(ApplianceProcess appliance, ColorScheme scheme = ColorScheme.Light, string locale = "en-GB") =>
        new(await Browser.OpenAsync(appliance.Web, locale, scheme), appliance.Web);

    /// <summary>Follows a set-up or invitation link to an open inbox; each screen is handed to <paramref name="look"/>.</summary>
    /// <returns>The recovery phrase.</returns>
    public async Task<string> ActivateAsync(string link, string password, string? domain = null, string? localPart = null, Func<string, Task>? look = null)
    {
        look ??= _ => Task.CompletedTask;
        await Page.GotoAsync(link);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).WaitForAsync();
        if (domain is not null)
            await Page.GetByLabel("Domain").FillAsync(domain);
        if (localPart is not null)
            await Page.GetByLabel("Your name in the address").FillAsync(localPart);
        await look("address");
        await PressAsync("Continue");
        await Page.GetByLabel("Password", new() { Exact = true }).FillAsync(password);
        await Page.GetByLabel("Repeat password").FillAsync(password);
        await look("password");
        await PressAsync("Make my keys");
        var words = Page.GetByRole(AriaRole.List, new() { Name = "Recovery phrase" }).GetByRole(AriaRole.Listitem);
        await words.First.WaitForAsync();
        var phrase = (await words.AllInnerTextsAsync()).Select(word => word.Split('\n')[^1].Trim()).ToList();
        await look("phrase");
        await PressAsync("I have written them down");
        await Page.GetByLabel("Word ").First.WaitForAsync();
        foreach (var field in await Page.GetByLabel("Word ").AllAsync())
        {
            var label = await field.EvaluateAsync<string>("field => field.labels[0].textContent");
            await field.FillAsync(phrase[int.Parse(label["Word ".Length..], System.Globalization.CultureInfo.InvariantCulture) - 1]);
        }
        await look("confirm");
        await PressAsync("Open my inbox");
        await Inbox.WaitForAsync();
        return string.Join(' ', phrase);
    }

    /// <summary>Opens the client and signs in, to an open inbox.</summary>
    public async Task SignInAsync(string address, string password)
    {
        await Page.GotoAsync("/");
        await EnterAsync(address, "Password", password);
        await Inbox.WaitForAsync();
    }

    /// <summary>Fills in the sign-in form and sends it.</summary>
    public async Task EnterAsync(string address, string field, string secret)
    {
        await Page.GetByLabel("Email address").FillAsync(address);
        await Page.GetByLabel(field, new() { Exact = true }).FillAsync(secret);
        await PressAsync("Sign in");
    }

    public async Task SignOutAsync()
    {
        await Page.GetByRole(AriaRole.Button, new() { Name = "Account" }).ClickAsync();
        await PressAsync("Sign out");
        await Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" }).WaitForAsync();
    }

    public Task PressAsync(string button) => Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    /// <summary>Opens the message with this subject from the list.</summary>
    public async Task OpenAsync(string subject)
    {
        await Rows.Filter(new() { HasText = subject }).First.ClickAsync();
        await Message.GetByRole(AriaRole.Heading, new() { Name = subject }).WaitForAsync();
    }

    /// <summary>What a click makes the browser save.</summary>
    public async Task<(string Name, byte[] Bytes)> DownloadAsync(Func<Task> click)
    {
        var download = await Page.RunAndWaitForDownloadAsync(click);
        return (download.SuggestedFilename, await File.ReadAllBytesAsync(await download.PathAsync()));
    }

    /// <summary>Nothing was complained of, and nobody but the appliance was asked for anything.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            Browser.AssertOnlyAsked(_web);
            Browser.AssertQuiet();
        }
        finally
        {
            await Browser.DisposeAsync();
        }
    }
}
