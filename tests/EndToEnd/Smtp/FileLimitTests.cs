using System.Net.Sockets;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Smtp;

/// <summary>What becomes of the service when connections take every file that it may open.</summary>
public sealed class FileLimitTests
{
    private const int Files = 400;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(3); // more than lies between two times of what is done again and again

    [Fact]
    public async Task Mail_is_taken_again_once_they_are_free()
    {
        await using var household = await Household.MoveInAsync(new ApplianceSettings
        {
            Under = ["prlimit", $"--nofile={Files}"],
            Values = new Dictionary<string, string> { ["Mx:MaxSessionsPerAddress"] = $"{2 * Files}", ["Mx:MaxSessions"] = $"{2 * Files}" },
        });
        var appliance = household.Appliance;
        await DeliverAsync(appliance, "before");
        var clients = new List<TcpClient>();
        try
        {
            while (clients.Count < Files)
            {
                clients.Add(new TcpClient());
                await clients[^1].ConnectAsync(appliance.Mx, TestContext.Current.CancellationToken);
            }
            await Until.TrueAsync(() => appliance.Log().Contains("could not be accepted", StringComparison.Ordinal), Patience, () => "It has files for all of them.");
            await Task.Delay(Held, TestContext.Current.CancellationToken);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
        await DeliverAsync(appliance, "after");
        Assert.Equal(["before", "after"], (await household.Ben.ListAsync()).Select(message => message.Subject).Reverse());
    }

    private static async Task DeliverAsync(ApplianceProcess appliance, string subject)
    {
        await using var line = await SmtpDialogue.OpenAsync(appliance.Mx);
        await line.SayAsync("EHLO client.example");
        await line.SayAsync("MAIL FROM:<friend@example.net>");
        Assert.StartsWith("250 ", await line.SayAsync($"RCPT TO:<{Household.BenAddress}>"), StringComparison.Ordinal);
        Assert.StartsWith("354 ", await line.SayAsync("DATA"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await line.SayAsync($"Subject: {subject}\r\n\r\nbody\r\n."), StringComparison.Ordinal);
    }
}
