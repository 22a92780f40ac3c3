using System.Net;
using System.Net.Sockets;
using System.Text;
using Appliance.EndToEnd.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Appliance.EndToEnd.Web;

/// <summary>What a member sees of a message, and what a message can not make the browser do.</summary>
public sealed class ReadingTests(SharedHousehold shared) : IClassFixture<SharedHousehold>
{
    private ApplianceProcess Appliance => shared.Household.Appliance;

    [Fact]
    public async Task Text_with_its_links_and_attachments_fetched_on_request()
    {
        await Letters.WithAttachmentAsync(Appliance, Household.AnnAddress);
        await using var ann = await AnnSignedInAsync();
        await ann.OpenAsync("Minutes and figures");
        await Expect(ann.Message).ToContainTextAsync("Jörg Brandt");
        await Expect(ann.Message).ToContainTextAsync("here is what we wrote down on Friday");
        await Expect(ann.Message.GetByRole(AriaRole.Link, new() { Name = "https://brandt.example/minutes?year=2026" })).ToBeVisibleAsync();
        await ann.Browser.AssertAccessibleAsync();

        var (name, bytes) = await ann.DownloadAsync(() => ann.Message.GetByRole(AriaRole.Button, new() { Name = "Download figures.csv" }).ClickAsync());
        Assert.Equal(("figures.csv", Letters.Attached), (name, Encoding.UTF8.GetString(bytes)));
        // A path in a file name is only a name here.
        var (large, content) = await ann.DownloadAsync(() => ann.Message.GetByRole(AriaRole.Button, new() { Name = "minutes.pdf" }).ClickAsync());
        Assert.Equal("minutes.pdf", large);
        Assert.Equal(240_000, content.Length);
    }

    [Fact]
    public async Task Formatted_mail_runs_nothing_and_asks_nobody()
    {
        using var outside = new TcpListener(IPAddress.Loopback, 0);
        outside.Start();
        await Letters.FormattedAsync(Appliance, Household.AnnAddress, new Uri($"http://{outside.LocalEndpoint}/"));
        await using var ann = await AnnSignedInAsync();
        // Chromium says of a body's handler that it does not run, as soon as DOMPurify parses it.
        ann.Browser.Expected.Add("Executing inline event handler");
        await ann.OpenAsync("Your order has been shipped");
        var frame = ann.Message.FrameLocator("iframe");
        await Expect(frame.GetByRole(AriaRole.Heading, new() { Name = "Your order has been shipped" })).ToBeVisibleAsync();
        await Expect(frame.GetByRole(AriaRole.Link, new() { Name = "follow the parcel" })).ToHaveAttributeAsync("rel", "noopener noreferrer");
        // The picture that came with it is shown, the one from outside is gone.
        Assert.Equal(1, await frame.GetByAltText("Lindqvist").EvaluateAsync<int>("picture => picture.naturalWidth"));
        await Expect(frame.Locator("script, form, input, button, [onload], img[src^=http]")).ToHaveCountAsync(0);
        await Expect(ann.Message.GetByText("Pictures and other content from outside were not loaded")).ToBeVisibleAsync();
        await ann.Browser.AssertAccessibleAsync();
        Assert.DoesNotContain("run", await ann.Page.TitleAsync(), StringComparison.Ordinal);
        Assert.False(outside.Pending(), "The message made the browser connect to somebody.");

        await ann.Message.GetByText("Plain text", new() { Exact = true }).ClickAsync();
        await Expect(ann.Message).ToContainTextAsync("It should reach you on Thursday.");
    }

    [Fact]
    public async Task The_original_is_what_came_under_the_fields_of_this_server()
    {
        await Letters.PlainAsync(Appliance, Household.AnnAddress, "Byte for byte", "Grüße, 你好 🎉\n\n.\nFrom here on");
        await using var ann = await AnnSignedInAsync();
        await ann.OpenAsync("Byte for byte");

        await ann.PressAsync("More actions");
        await ann.Page.GetByRole(AriaRole.Menuitem, new() { Name = "All headers" }).ClickAsync();
        var headers = ann.Page.GetByRole(AriaRole.Dialog, new() { Name = "All headers" });
        await Expect(headers.GetByRole(AriaRole.Row).Filter(new() { HasText = "Return-Path" })).ToContainTextAsync("added by this server");
        await Expect(headers.GetByRole(AriaRole.Row).Filter(new() { HasText = "Subject" })).ToContainTextAsync("Byte for byte");
        await ann.Browser.AssertAccessibleAsync();
        await ann.Page.Keyboard.PressAsync("Escape");

        await ann.PressAsync("More actions");
        await ann.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Original message" }).ClickAsync();
        var original = ann.Page.GetByRole(AriaRole.Dialog, new() { Name = "Original message" });
        await Expect(original).ToContainTextAsync("Subject: Byte for byte");
        await ann.Browser.AssertAccessibleAsync();
        var (name, bytes) = await ann.DownloadAsync(() => original.GetByRole(AriaRole.Button, new() { Name = "Download .eml" }).ClickAsync());
        Assert.Equal("Byte for byte.eml", name);
        Assert.EndsWith("\r\n\r\nGrüße, 你好 🎉\r\n\r\n.\r\nFrom here on\r\n", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
    }

    private async Task<MemberAtTheBrowser> AnnSignedInAsync()
    {
        var ann = await MemberAtTheBrowser.SitDownAsync(Appliance);
        await ann.SignInAsync(Household.AnnAddress, Household.AnnPassword);
        return ann;
    }
}
