using System.Text;
using System.Text.Json;
using Appliance.EndToEnd.Canary;
using Appliance.EndToEnd.Harness;
using Appliance.Mail.Tests.Dns;

namespace Appliance.EndToEnd.Reputation;

/// <summary>The operator can say what became of a message, and finds no address that they did not name themselves.</summary>
public sealed class ToldTests : IAsyncLifetime
{
    private readonly ZoneServer _dns = new();
    private readonly string _mark = Guid.NewGuid().ToString("N");
    private Household? _household;

    private Household Household => _household!;

    public async ValueTask InitializeAsync()
    {
        _dns.AddText("honest.example", "v=spf1 ip4:127.0.0.1 -all");
        _dns.AddText("_dmarc.honest.example", "v=DMARC1; p=reject");
        _dns.AddText("_dmarc.strict.example", "v=DMARC1; p=reject");
        _dns.AddText("shady.example", "v=spf1 -all");
        _household = await Household.MoveInAsync(new ApplianceSettings
        {
            Values = new Dictionary<string, string> { ["Dns:Servers"] = _dns.Address.ToString(), ["MailAuth:ExemptClients"] = "", ["Serilog:MinimumLevel:Default"] = "Information" },
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_household is not null)
            await _household.DisposeAsync();
        await _dns.DisposeAsync();
    }

    [Fact]
    public async Task Trace_says_what_became_of_mail_and_nothing_kept_names_anybody()
    {
        var (kept, refused, waits, unknown) = ($"kept-{_mark}@honest.example", $"refused-{_mark}@strict.example", $"waits-{_mark}@shady.example", $"nobody-{_mark}@{Household.Domain}");
        Assert.StartsWith("250 ", await SendAsync(kept, Household.BenAddress), StringComparison.Ordinal);
        Assert.StartsWith("550 5.7.26 ", await SendAsync(refused, Household.BenAddress), StringComparison.Ordinal);
        Assert.StartsWith("451 4.7.1 ", await SendAsync(waits, Household.BenAddress), StringComparison.Ordinal);
        Assert.StartsWith("550 5.1.1 ", await SendAsync(kept, unknown), StringComparison.Ordinal);

        Assert.Equal(["from inbox 250 2.0.0 -", "from refused 550 5.1.1 -"], await TraceAsync(kept));
        Assert.Equal(["from refused 550 5.7.26 dmarc reject"], await TraceAsync(refused.ToUpperInvariant()));
        Assert.Equal(["from deferred 451 4.7.1 greylisted"], await TraceAsync(waits));
        Assert.Equal(["to refused 550 5.1.1 -"], await TraceAsync(unknown));
        Assert.Equal(["to inbox 250 2.0.0 -", "to refused 550 5.7.26 dmarc reject", "to deferred 451 4.7.1 greylisted"], await TraceAsync(Household.BenAddress));
        Assert.Empty(await TraceAsync("stranger@honest.example"));
        Assert.StartsWith("250 ", await SendAsync(kept, "ann+shop@" + Household.Domain), StringComparison.Ordinal);
        Assert.Equal((await TraceAsync("ann+shop@" + Household.Domain)).Single(), (await TraceAsync(Household.AnnAddress)).Single());
        Assert.Contains("Nothing from or to this address", (await Household.Appliance.CommandAsync("trace", "stranger@honest.example")).Succeeded().Text, StringComparison.Ordinal);
        var wrong = await Household.Appliance.CommandAsync("trace", "stranger");
        Assert.Equal((1, true), (wrong.Status, wrong.Errors.Contains("is not an e-mail address", StringComparison.Ordinal)));

        // It is the same when the service does not run.
        (await Household.Appliance.CommandAsync("store", "dump", "--output", Path.Combine(Household.Appliance.Root, "dump"))).Succeeded();
        await Household.Appliance.StopAsync();
        Assert.Equal(["from inbox 250 2.0.0 -", "from refused 550 5.1.1 -", "from inbox 250 2.0.0 -"], await TraceAsync(kept));

        // Neither the store's pages nor the log nor any file has one of them.
        (await Household.Appliance.CommandAsync("store", "dump", "--output", Path.Combine(Household.Appliance.Root, "dump.after"))).Succeeded();
        var report = new CanaryScanner([kept, refused, waits, unknown, _mark]).ScanFolder(Household.Appliance.Root);
        Assert.Empty(report.Findings);
        Assert.True(report.Bytes > 100_000, $"{report.Bytes} bytes were looked at");
    }

    private async Task<IEnumerable<string>> TraceAsync(string address)
    {
        using var found = JsonDocument.Parse((await Household.Appliance.CommandAsync("trace", address, "--json")).Succeeded().Output);
        return [.. found.RootElement.EnumerateArray().Select(entry => string.Join(' ', new[] { "role", "outcome", "reply", "cause" }.Select(name => entry.GetProperty(name).GetString() ?? "-")))];
    }

    private async Task<string> SendAsync(string from, string to)
    {
        await using var dialogue = await SmtpDialogue.OpenAsync(Household.Appliance.Mx);
        await dialogue.SayAsync("EHLO client.example");
        await dialogue.SayAsync($"MAIL FROM:<{from}>");
        if (await dialogue.SayAsync($"RCPT TO:<{to}>") is not ['2', ..] and var refusal)
            return refusal;
        await dialogue.SayAsync("DATA");
        return await dialogue.SayBytesAsync(Encoding.ASCII.GetBytes($"From: {from}\r\nTo: {to}\r\nSubject: Hello\r\n\r\nHello.\r\n.\r\n"));
    }
}
