using System.Text.Json;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Smtp;

/// <summary>A member's quota, as the operator sets it and senders meet it.</summary>
public sealed class QuotaTests
{
    [Fact]
    public async Task A_full_mailbox_puts_mail_off_until_it_may_hold_more()
    {
        await using var household = await Household.MoveInAsync();
        var appliance = household.Appliance;
        Assert.Equal("ben@home.example has 0 bytes of 1 K", await SayAsync(appliance, "user", "quota", Household.BenAddress, "1K"));
        Assert.StartsWith("250 ", await AnswerToBenAsync(appliance, new string('x', 900) + "\r\n" + new string('x', 900)), StringComparison.Ordinal);
        Assert.StartsWith("452 4.2.2 ", await AnswerToBenAsync(appliance, "Hello."), StringComparison.Ordinal);
        var ben = (await UsersAsync(appliance)).Single(user => user.GetProperty("address").GetString() == Household.BenAddress);
        Assert.InRange(ben.GetProperty("usedBytes").GetInt64(), 1800, 2000);
        Assert.Equal(1024, ben.GetProperty("quotaBytes").GetInt64());

        // The same without a service, and it still holds when there is one again.
        await appliance.StopAsync();
        await SayAsync(appliance, "user", "quota", Household.BenAddress, "1M");
        await appliance.StartAsync();
        Assert.StartsWith("250 ", await AnswerToBenAsync(appliance, "Hello."), StringComparison.Ordinal);
        await SayAsync(appliance, "user", "quota", Household.BenAddress, "1");
        Assert.StartsWith("452 4.2.2 ", await AnswerToBenAsync(appliance, "Hello."), StringComparison.Ordinal);
        await SayAsync(appliance, "user", "quota", Household.BenAddress, "default");
        Assert.StartsWith("250 ", await AnswerToBenAsync(appliance, "Hello."), StringComparison.Ordinal);
        Assert.Equal(2, (await appliance.CommandAsync("user", "quota", Household.BenAddress, "much")).Status);
    }

    private static async Task<string> SayAsync(ApplianceProcess appliance, params string[] command) => (await appliance.CommandAsync(command)).Succeeded().Text.Trim();

    private static async Task<IReadOnlyList<JsonElement>> UsersAsync(ApplianceProcess appliance)
    {
        using var users = JsonDocument.Parse((await appliance.CommandAsync("user", "list", "--json")).Succeeded().Output);
        return [.. users.RootElement.EnumerateArray().Select(user => user.Clone())];
    }

    /// <summary>The answer to the message, or to the recipient when that is refused.</summary>
    private static async Task<string?> AnswerToBenAsync(ApplianceProcess appliance, string text)
    {
        await using var dialogue = await SmtpDialogue.OpenAsync(appliance.Mx);
        await dialogue.SayAsync("EHLO client.example");
        await dialogue.SayAsync("MAIL FROM:<friend@example.net>");
        var answer = await dialogue.SayAsync($"RCPT TO:<{Household.BenAddress}>");
        if (!answer.StartsWith("250 ", StringComparison.Ordinal))
            return answer;
        await dialogue.SayAsync("DATA");
        return await dialogue.SayAsync($"Subject: x\r\n\r\n{text}\r\n.");
    }
}
