using System.Text;
using Appliance.EndToEnd.FirstLight;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Smtp;

/// <summary>Mail that another mail server hands over.</summary>
public sealed class LmtpTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("appliance-export-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_recipient_has_an_answer_and_the_message()
    {
        await using var household = await Household.MoveInAsync(new ApplianceSettings { Values = new Dictionary<string, string> { ["Listen:Lmtp"] = "localhost:0" } });
        var said = (await new Command(
            Peer.Need("swaks"), "--server", household.Appliance.Lmtp!.ToString(), "--protocol", "LMTP", "--from", "friend@example.net", "--to", $"{Household.AnnAddress},{Household.BenAddress}",
            "--header", "Subject: handed over", "--body", "Hello.").RunAsync()).Succeeded().Text;
        Assert.Equal(2, said.Split('\n').Count(line => line.Contains("250 2.0.0 Sealed and kept", StringComparison.Ordinal)));
        Assert.Equal(["handed over"], (await household.Ben.ListAsync()).Select(listed => listed.Subject));
        var export = await MemberExport.TakeAsync(household.Ann, _folder);
        Assert.Contains("with LMTP", Encoding.UTF8.GetString(export.Full(Assert.Single(export.Listed).Id)), StringComparison.Ordinal);

        // A Postfix that puts unknown recipients into the list hears of each by itself.
        await using var dialogue = await SmtpDialogue.OpenAsync(household.Appliance.Lmtp!);
        await dialogue.SayAsync("LHLO relay.example");
        await dialogue.SayAsync("MAIL FROM:<>");
        Assert.StartsWith("550 5.1.1 ", await dialogue.SayAsync("RCPT TO:<nobody@home.example>"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await dialogue.SayAsync($"RCPT TO:<{Household.BenAddress}>"), StringComparison.Ordinal);
    }
}
