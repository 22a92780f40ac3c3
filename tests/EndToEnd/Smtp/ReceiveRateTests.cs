using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Smtp;

/// <summary>More mail for one member than is taken within an hour.</summary>
public sealed class ReceiveRateTests
{
    [Fact]
    public async Task Puts_that_members_mail_off_and_nobody_elses()
    {
        await using var household = await Household.MoveInAsync(new ApplianceSettings
        {
            Values = new Dictionary<string, string> { ["MailAuth:ExemptClients"] = "", ["Mx:MaxMessagesPerHour"] = "8", ["Dns:Servers"] = "127.0.0.1:1" },
        });
        await using var dialogue = await SmtpDialogue.OpenAsync(household.Appliance.Mx);
        await dialogue.SayAsync("EHLO client.example");
        for (var i = 0; i < 2; i++)
        {
            await dialogue.SayAsync("MAIL FROM:<>");
            Assert.StartsWith("250 ", await dialogue.SayAsync($"RCPT TO:<{Household.BenAddress}>"), StringComparison.Ordinal);
            await dialogue.SayAsync("DATA");
            Assert.StartsWith("250 ", await dialogue.SayAsync($"Subject: {i}\r\n\r\nHello.\r\n."), StringComparison.Ordinal);
        }
        await dialogue.SayAsync("MAIL FROM:<>");
        Assert.StartsWith("450 4.2.1 ", await dialogue.SayAsync($"RCPT TO:<{Household.BenAddress}>"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await dialogue.SayAsync($"RCPT TO:<{Household.AnnAddress}>"), StringComparison.Ordinal);
    }
}
