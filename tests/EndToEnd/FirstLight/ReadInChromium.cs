using Appliance.EndToEnd.Harness;
using Appliance.EndToEnd.Traffic;
using Appliance.EndToEnd.Web;
using Microsoft.Playwright;

namespace Appliance.EndToEnd.FirstLight;

/// <summary>What Chromium made of a message: the words on the page, and the original it let the member save.</summary>
public sealed record ReadInChromium(SampleMessage Sent, string Shown, byte[] Original)
{
    /// <summary>Reads one message of each kind that Ann got.</summary>
    public static async Task<IReadOnlyList<ReadInChromium>> TakeAsync(ApplianceProcess appliance, MemberExport ann, IEnumerable<SampleMessage> sent)
    {
        await using var member = await MemberAtTheBrowser.SitDownAsync(appliance);
        await member.SignInAsync(Household.AnnAddress, Household.AnnPassword);
        var read = new List<ReadInChromium>();
        foreach (var message in sent.Where(message => message.Recipients.Contains(Household.AnnAddress)).DistinctBy(message => message.Kind))
        {
            var listed = ann.Listed.First(candidate => ann.AsReceived(candidate.Id).AsSpan().SequenceEqual(message.Bytes));
            await member.Page.GotoAsync($"/inbox/{listed.Id}");
            await member.Message.WaitForAsync();
            var shown = await member.Message.InnerTextAsync();
            foreach (var frame in member.Page.Frames.Skip(1))
                shown += await frame.Locator("body").InnerTextAsync();
            await member.PressAsync("More actions");
            var (_, original) = await member.DownloadAsync(() => member.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Download .eml" }).ClickAsync());
            read.Add(new ReadInChromium(message, shown, original));
        }
        return read;
    }
}
