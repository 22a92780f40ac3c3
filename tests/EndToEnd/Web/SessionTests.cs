using System.Net;
using Appliance.EndToEnd.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Appliance.EndToEnd.Web;

/// <summary>Signing in and out, and what the browser keeps in between.</summary>
public sealed class SessionTests(SharedHousehold shared) : IClassFixture<SharedHousehold>
{
    private const string LocalHalves = """
        () => new Promise((resolve, reject) => {
          const opening = indexedDB.open('appliance');
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const rows = opening.result.transaction('session').objectStore('session').count();
            rows.onsuccess = () => { opening.result.close(); resolve(rows.result); };
          };
        })
        """;

    private ApplianceProcess Appliance => shared.Household.Appliance;

    [Fact]
    public async Task A_reload_stays_unlocked_and_sign_out_ends_it_here_and_on_the_server()
    {
        await using var ann = await MemberAtTheBrowser.SitDownAsync(Appliance);
        ann.Browser.Expected.Add("401");
        await ann.SignInAsync(Household.AnnAddress, Household.AnnPassword);
        await ann.Page.ReloadAsync();
        await ann.Inbox.WaitForAsync();
        Assert.Equal(1, await ann.Page.EvaluateAsync<int>(LocalHalves));
        var cookies = (await ann.Browser.Context.CookiesAsync()).ToList();
        var cookie = Assert.Single(cookies);
        Assert.True(cookie.HttpOnly);
        Assert.Equal(SameSiteAttribute.Strict, cookie.SameSite);

        await ann.SignOutAsync();
        Assert.Equal(0, await ann.Page.EvaluateAsync<int>(LocalHalves));
        await ann.Page.ReloadAsync();
        await ann.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" }).WaitForAsync();
        // Whoever kept the cookie has nothing.
        using var client = new HttpClient { BaseAddress = Appliance.Web };
        client.DefaultRequestHeaders.Add("Cookie", $"{cookie.Name}={cookie.Value}");
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(new Uri("/api/account", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Neither_password_nor_phrase_is_sent_and_both_open_the_mailbox()
    {
        const string password = "a password that is only here";
        await using var member = await MemberAtTheBrowser.SitDownAsync(Appliance);
        var sent = new List<string>();
        member.Browser.Context.Request += (_, request) => sent.Add(request.Url + request.PostData);
        var phrase = await member.ActivateAsync(await Appliance.InviteAsync("dora@" + Household.Domain), password);
        await Letters.PlainAsync(Appliance, "dora@" + Household.Domain, "Sealed for Dora", "Still here.");
        await member.SignOutAsync();
        await member.EnterAsync("dora@" + Household.Domain, "Password", password);
        await member.OpenAsync("Sealed for Dora");
        await member.SignOutAsync();

        await member.PressAsync("Use recovery phrase");
        await member.EnterAsync("dora@" + Household.Domain, "Recovery phrase", phrase.ToUpperInvariant().Replace(" ", "  ", StringComparison.Ordinal));
        await member.OpenAsync("Sealed for Dora");
        var secrets = new[] { password, Uri.EscapeDataString(password), phrase };
        Assert.DoesNotContain(sent, request => secrets.Any(secret => request.Contains(secret, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_address_look_the_same()
    {
        await using var stranger = await MemberAtTheBrowser.SitDownAsync(Appliance);
        stranger.Browser.Expected.Add("401");
        await stranger.Page.GotoAsync("/");
        foreach (var address in new[] { Household.BenAddress, "nobody@" + Household.Domain })
        {
            await stranger.EnterAsync(address, "Password", "not the password");
            await Expect(stranger.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Address and password do not match.");
            await stranger.Browser.AssertAccessibleAsync();
            await stranger.Page.ReloadAsync();
        }
    }

    [Fact]
    public async Task Without_a_secure_context_the_page_says_what_to_do()
    {
        await using var browser = await Browser.OpenAsync(Appliance.Web, hosts: "MAP mail.home.example 127.0.0.1");
        browser.Expected.Add("Cross-Origin-Opener-Policy");
        browser.Expected.Add("Origin-Agent-Cluster");
        await browser.Page.GotoAsync($"http://mail.home.example:{Appliance.Web.Port}/");
        await Expect(browser.Page.GetByRole(AriaRole.Heading, new() { Name = "This page needs a secure connection" })).ToBeVisibleAsync();
        await browser.AssertAccessibleAsync();
        browser.AssertQuiet();
    }
}
