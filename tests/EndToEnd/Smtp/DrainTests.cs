using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Smtp;

/// <summary>What becomes of mail that is on its way when the service is told to end.</summary>
public sealed class DrainTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_message_on_its_way_arrives_and_who_comes_meanwhile_is_told_to_come_later()
    {
        await using var household = await Household.MoveInAsync(new ApplianceSettings { Values = new Dictionary<string, string> { ["Mx:DrainSeconds"] = "60" } });
        var appliance = household.Appliance;
        await using var idle = await SmtpDialogue.OpenAsync(appliance.Mx);
        await using var busy = await BeginAsync(appliance);
        var stopping = appliance.StopAsync();
        Assert.Equal(421, await idle.NextCodeAsync());
        await using (var late = await SmtpDialogue.OpenAsync(appliance.Mx))
            Assert.StartsWith("421 4.3.2 ", late.Greeting, StringComparison.Ordinal);
        Assert.False(stopping.IsCompleted);
        Assert.StartsWith("250 ", await busy.SayAsync("and half\r\n."), StringComparison.Ordinal);
        Assert.Equal(421, await busy.NextCodeAsync());
        await stopping.WaitAsync(Patience, TestContext.Current.CancellationToken);

        await appliance.StartAsync();
        Assert.Equal(["on its way"], (await household.Ben.ListAsync()).Select(message => message.Subject));
    }

    [Fact]
    public async Task A_sender_that_does_not_go_on_is_cut_off()
    {
        await using var household = await Household.MoveInAsync(new ApplianceSettings { Values = new Dictionary<string, string> { ["Mx:DrainSeconds"] = "1" } });
        await using var busy = await BeginAsync(household.Appliance);
        await household.Appliance.StopAsync();
        Assert.Null(await busy.NextCodeAsync());
        Assert.Contains("1 mail sessions were still busy", household.Appliance.Log(), StringComparison.Ordinal);
    }

    private static async Task<SmtpDialogue> BeginAsync(ApplianceProcess appliance)
    {
        var dialogue = await SmtpDialogue.OpenAsync(appliance.Mx);
        await dialogue.SayAsync("EHLO client.example");
        await dialogue.SayAsync("MAIL FROM:<friend@example.net>");
        Assert.StartsWith("250 ", await dialogue.SayAsync($"RCPT TO:<{Household.BenAddress}>"), StringComparison.Ordinal);
        Assert.StartsWith("354 ", await dialogue.SayAsync("DATA"), StringComparison.Ordinal);
        await dialogue.SendAsync("Subject: on its way\r\n\r\nhalf ");
        return dialogue;
    }
}
