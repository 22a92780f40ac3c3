using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Smtp;

/// <summary>A client that tries address after address.</summary>
public sealed class HarvestTests
{
    [Fact]
    public async Task Is_dropped_and_then_not_listened_to()
    {
        await using var household = await Household.MoveInAsync(new ApplianceSettings
        {
            Values = new Dictionary<string, string> { ["MailAuth:ExemptClients"] = "", ["Mx:MaxUnknownRecipients"] = "4" },
        });
        await using (var dialogue = await SmtpDialogue.OpenAsync(household.Appliance.Mx))
        {
            await dialogue.SayAsync("EHLO client.example");
            await dialogue.SayAsync("MAIL FROM:<friend@client.example>");
            for (var i = 0; i < 4; i++)
                Assert.StartsWith("550 5.1.1 ", await dialogue.SayAsync($"RCPT TO:<guess{i}@home.example>"), StringComparison.Ordinal);
            Assert.StartsWith("250 ", await dialogue.SayAsync($"RCPT TO:<{Household.AnnAddress}>"), StringComparison.Ordinal);
            Assert.StartsWith("421 4.7.0 ", await dialogue.SayAsync("RCPT TO:<guess5@home.example>"), StringComparison.Ordinal);
            Assert.Null(await dialogue.NextCodeAsync());
        }
        await using var again = await SmtpDialogue.OpenAsync(household.Appliance.Mx);
        Assert.Null(await again.NextCodeAsync());
    }
}
