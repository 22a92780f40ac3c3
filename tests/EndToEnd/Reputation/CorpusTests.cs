using System.Globalization;
using System.Text;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Reputation;

/// <summary>Honest mail of every kind is taken, at the second try at the latest; how much of each kind is filed to Junk is reported.</summary>
public sealed class CorpusTests
{
    [Fact]
    public async Task No_honest_message_is_refused()
    {
        await using var dns = await NsdServer.StartAsync(MadeCorpus.Zone);
        await using var household = await Household.MoveInAsync(new ApplianceSettings
        {
            Values = new Dictionary<string, string>
            {
                ["Dns:Servers"] = dns.Address.ToString(),
                ["MailAuth:ExemptClients"] = "",
                ["Mx:TrustedRelays"] = "127.0.0.1",
                ["Senders:BlockLists"] = "block.example",
                ["Senders:AllowLists"] = "",
                ["Senders:GreylistMinutes"] = "0.03",
                ["Senders:TarpitSeconds"] = "0",
            },
        });
        var answers = new List<(CorpusMessage Message, string Answer, bool Waited)>();
        foreach (var message in MadeCorpus.All(Household.BenAddress))
        {
            var answer = await SendAsync(household, message);
            var waits = answer.StartsWith("451 4.7.1 Your server is not known", StringComparison.Ordinal);
            if (waits)
            {
                await Task.Delay(TimeSpan.FromSeconds(2.5), TestContext.Current.CancellationToken);
                answer = await SendAsync(household, message);
            }
            answers.Add((message, answer, waits));
        }

        Assert.All(answers.Where(one => !MadeCorpus.Hostile.Contains(one.Message.Kind)), one => Assert.StartsWith("250 ", one.Answer, StringComparison.Ordinal));
        var folders = (await household.Ben.ListAsync()).ToLookup(listed => listed.Subject, listed => listed.Folder);
        Assert.NotEmpty(folders);
        var report = new StringBuilder();
        foreach (var kind in answers.GroupBy(one => one.Message.Kind))
        {
            var junk = kind.Count(one => one.Answer.StartsWith("250 ", StringComparison.Ordinal) && folders[SubjectOf(one.Message)].Contains("junk"));
            report.AppendLine(CultureInfo.InvariantCulture, $"{kind.Key}: {kind.Count()} sent, {kind.Count(one => one.Waited)} asked to wait, {kind.Count(one => one.Answer[0] == '5')} refused, {junk} filed to Junk");
        }
        TestContext.Current.SendDiagnosticMessage(report.ToString());
        await File.WriteAllTextAsync(Path.Combine(AppContext.BaseDirectory, "corpus-report.txt"), report.ToString());
        var isHostile = answers.ToLookup(one => MadeCorpus.Hostile.Contains(one.Message.Kind), one => !one.Answer.StartsWith("250 ", StringComparison.Ordinal) || folders[SubjectOf(one.Message)].Contains("junk"));
        Assert.True(Share(isHostile[true]) > Share(isHostile[false]), report.ToString());
    }

    private static double Share(IEnumerable<bool> kept) => kept.Average(away => away ? 1.0 : 0.0);

    private static string SubjectOf(CorpusMessage message) =>
        message.Message.Split("\r\n").First(line => line.StartsWith("Subject: ", StringComparison.Ordinal))["Subject: ".Length..];

    private static async Task<string> SendAsync(Household household, CorpusMessage message)
    {
        await using var dialogue = await SmtpDialogue.OpenAsync(household.Appliance.Mx);
        foreach (var line in new[] { "EHLO proxy.example", $"XCLIENT ADDR={message.Client}", $"EHLO {message.Helo}", $"MAIL FROM:<{message.MailFrom}>", $"RCPT TO:<{Household.BenAddress}>", "DATA" })
            await dialogue.SayAsync(line);
        return await dialogue.SayBytesAsync(Encoding.UTF8.GetBytes(message.Message + ".\r\n"));
    }
}
