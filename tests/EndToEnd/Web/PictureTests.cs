using Appliance.EndToEnd.Harness;
using Microsoft.Playwright;

namespace Appliance.EndToEnd.Web;

/// <summary>A mailbox as it looks after a few days, in every form the client has. README shows some of these pictures.</summary>
public sealed class PictureTests
{
    [Fact]
    public async Task A_lived_in_mailbox_is_accessible_in_light_and_dark_large_and_small_English_and_Chinese()
    {
        await using var household = await Household.MoveInAsync();
        var appliance = household.Appliance;
        await FillAsync(appliance);

        foreach (var (picture, scheme, locale, subject) in new[]
        {
            ("mail-light", ColorScheme.Light, "en-GB", "Minutes and figures"),
            ("mail-dark", ColorScheme.Dark, "en-GB", "Minutes and figures"),
            ("mail-chinese", ColorScheme.Light, "zh-CN", "周六的晚饭"),
            ("mail-formatted", ColorScheme.Light, "en-GB", "Your order has been shipped"),
        })
        {
            await using var ann = await MemberAtTheBrowser.SitDownAsync(appliance, scheme, locale);
            ann.Browser.Expected.Add("Executing inline event handler");
            await ann.Page.GotoAsync("/");
            await ann.Page.Locator("input").First.FillAsync(Household.AnnAddress);
            await ann.Page.Locator("input[type=password]").FillAsync(Household.AnnPassword);
            await ann.Page.Locator("button[type=submit]").ClickAsync();
            await ann.OpenAsync(subject);
            await ann.Browser.AssertAccessibleAsync();
            await ann.Browser.PictureAsync(picture);

            await ann.Page.SetViewportSizeAsync(390, 780);
            await ann.Browser.AssertAccessibleAsync();
        }
    }

    private static async Task FillAsync(ApplianceProcess appliance)
    {
        await Letters.PlainAsync(appliance, Household.AnnAddress, "The roof is done", "The last tiles went on this morning, an hour before the rain.", "Ove Dahl <ove@dahl.example>");
        await Letters.PlainAsync(appliance, Household.AnnAddress, "Re: Rehearsal moved to Tuesday", "Tuesday suits me. I will bring the stands.", "Priya Raman <priya@raman.example>");
        await Letters.FormattedAsync(appliance, Household.AnnAddress, new Uri("http://127.0.0.1:9/"));
        await Letters.PlainAsync(appliance, Household.AnnAddress, "Invoice 2026-114", "Thank you for your order. Payment is due within 30 days.", "Hafen Printworks <billing@hafen.example>");
        await Letters.PlainAsync(appliance, Household.AnnAddress, "=?utf-8?B?5ZGo5YWt55qE5pma6aWt?=", "小安，周六晚上七点来家里吃饭吧，我做红烧肉。\n\n记得带上那本书。", "=?utf-8?B?5p2O5piO?= <li.ming@xin.example>");
        await Letters.PlainAsync(appliance, Household.AnnAddress, "Photos from the lake", "There are four hundred of them. I have chosen the twelve with no thumbs in them.", "Martha Jensen <martha@jensen.example>");
        await Letters.WithAttachmentAsync(appliance, Household.AnnAddress);
        await Letters.PlainAsync(appliance, Household.AnnAddress, "Your library books are due on Friday", "Two items on your card are due on Friday. You may renew them once.", "City Library <desk@library.example>");
    }
}
