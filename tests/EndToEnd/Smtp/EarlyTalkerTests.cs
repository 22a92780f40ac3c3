using System.Net.Sockets;
using System.Text;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Smtp;

/// <summary>A client that does not wait for the greeting.</summary>
public sealed class EarlyTalkerTests
{
    [Fact]
    public async Task Is_refused_in_a_sentence_unless_it_is_exempt()
    {
        // So long that the client is surely heard before the greeting; it is not waited for to the end.
        const string delay = "10000";
        await using (var stranger = await ApplianceProcess.StartAsync(new ApplianceSettings
        {
            Values = new Dictionary<string, string> { ["MailAuth:ExemptClients"] = "", ["Mx:GreetingDelayMilliseconds"] = delay },
        }))
            Assert.StartsWith("554 5.7.0 ", await TalkAsync(stranger), StringComparison.Ordinal);
        await using var known = await ApplianceProcess.StartAsync(new ApplianceSettings { Values = new Dictionary<string, string> { ["Mx:GreetingDelayMilliseconds"] = delay } });
        Assert.StartsWith("220 ", await TalkAsync(known), StringComparison.Ordinal);
    }

    private static async Task<string?> TalkAsync(ApplianceProcess appliance)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(appliance.Mx, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync("EHLO client.example\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        using var replies = new StreamReader(client.GetStream(), Encoding.ASCII);
        return await replies.ReadLineAsync(TestContext.Current.CancellationToken);
    }
}
