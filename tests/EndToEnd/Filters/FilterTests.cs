using System.Text;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Filters;

/// <summary>The real rspamd and clamd look at mail while it is in memory; without them what the operator chose happens, and nothing else.</summary>
public sealed class FilterTests(BothFilters both) : IClassFixture<BothFilters>
{
    /// <summary>https://spamassassin.apache.org/gtube/</summary>
    private const string Gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";

    [Fact]
    public async Task Spam_and_viruses_are_refused_and_the_rest_is_taken()
    {
        await using var household = await MoveInAsync(both.Rspamd, both.Clamd);
        Assert.StartsWith("250 ", await SendAsync(household, "honest", Text("Hello.")), StringComparison.Ordinal);
        Assert.StartsWith("550 5.7.1 This message looks like spam", await SendAsync(household, "spam", Text(Gtube)), StringComparison.Ordinal);
        Assert.StartsWith("550 5.7.1 This message carries what a virus scanner calls Eicar-Test", await SendAsync(household, "virus", Attached(ClamdServer.Eicar)), StringComparison.Ordinal);
        // What it does not look at is taken, and said so.
        Assert.StartsWith("250 ", await SendAsync(household, "long", Text(string.Concat(Enumerable.Repeat(new string('x', 70) + "\r\n", 20_000)))), StringComparison.Ordinal);
        // Whoever writes to postmaster about it may quote it.
        Assert.StartsWith("250 ", await SendAsync(household, "you refused this", Text(Gtube), "postmaster@" + Household.Domain), StringComparison.Ordinal);
        Assert.Equal(["honest: inbox", "long: inbox"], await FoldersAsync(household.Ben));
        Assert.Equal(["you refused this: inbox"], await FoldersAsync(household.Ann));
    }

    [Fact]
    public async Task As_the_operator_likes_they_are_filed_to_Junk()
    {
        await using var household = await MoveInAsync(both.Rspamd, both.Clamd, ("Filters:OnSpam", "Junk"), ("Filters:OnVirus", "Junk"));
        Assert.StartsWith("250 ", await SendAsync(household, "spam", Text(Gtube)), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await SendAsync(household, "virus", Attached(ClamdServer.Eicar)), StringComparison.Ordinal);
        Assert.Equal(["spam: junk", "virus: junk"], await FoldersAsync(household.Ben));
    }

    /// <summary>As shipped: without rspamd's word mail is taken, without clamd's the sender is asked to try again.</summary>
    [Theory]
    [InlineData("rspamd", "Filters:OnRspamdAbsent")]
    [InlineData("clamd", "Filters:OnClamdAbsent")]
    public async Task Killed_in_mid_scan_what_the_operator_chose_happens(string filter, string key)
    {
        const string putOff = "451 4.7.1 This message could not be checked at the moment";
        await using DaemonProcess daemon = filter == "rspamd" ? await RspamdServer.StartAsync() : await ClamdServer.StartAsync();
        await using var accepting = await MoveInAsync(daemon as RspamdServer, daemon as ClamdServer, (key, "Accept"));
        await using var deferring = await MoveInAsync(daemon as RspamdServer, daemon as ClamdServer, (key, "Defer"));
        Household[] households = [accepting, deferring];
        foreach (var household in households)
            Assert.StartsWith("250 ", await SendAsync(household, "before", Text("Hello.")), StringComparison.Ordinal);
        await daemon.FreezeAsync();
        var sending = households.Select(household => SendAsync(household, "during", Text("Hello."))).ToList();
        await Task.Delay(1000, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(sending, task => task.IsCompleted);
        await daemon.KillAsync();
        Assert.StartsWith("250 ", await sending[0], StringComparison.Ordinal);
        Assert.StartsWith(putOff, await sending[1], StringComparison.Ordinal);
        Assert.StartsWith("250 ", await SendAsync(accepting, "after", Text("Hello.")), StringComparison.Ordinal);
        Assert.StartsWith(putOff, await SendAsync(deferring, "after", Text("Hello.")), StringComparison.Ordinal);
        Assert.Equal(["after: inbox", "before: inbox", "during: inbox"], await FoldersAsync(accepting.Ben));
        Assert.Equal(["before: inbox"], await FoldersAsync(deferring.Ben));
        foreach (var household in households)
            Assert.Contains($"{filter} does not answer", household.Appliance.Log(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_does_not_answer_in_time_is_not_waited_for()
    {
        await using var clamd = await ClamdServer.StartAsync();
        await using var household = await MoveInAsync(null, clamd, ("Filters:TimeoutSeconds", "1"));
        await clamd.FreezeAsync();
        Assert.StartsWith("451 4.7.1 ", await SendAsync(household, "slow", Text("Hello.")), StringComparison.Ordinal);
    }

    private static Task<Household> MoveInAsync(RspamdServer? rspamd, ClamdServer? clamd, params (string Key, string Value)[] more)
    {
        var values = more.ToDictionary(pair => pair.Key, pair => pair.Value);
        values["MailAuth:ExemptClients"] = "";
        values["Filters:Rspamd"] = rspamd is null ? "" : $"http://{rspamd.Address}";
        values["Filters:Clamd"] = clamd?.Address.ToString() ?? "";
        return Household.MoveInAsync(new ApplianceSettings { Values = values });
    }

    private static async Task<IEnumerable<string>> FoldersAsync(BridgeProgram member) => (await member.ListAsync()).Select(listed => $"{listed.Subject}: {listed.Folder}").Order(StringComparer.Ordinal);

    private static string Text(string text) => $"\r\n{text}\r\n";

    private static string Attached(string content) =>
        $"MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(Encoding.ASCII.GetBytes(content))}\r\n";

    private static async Task<string> SendAsync(Household household, string subject, string rest, string to = Household.BenAddress)
    {
        await using var dialogue = await SmtpDialogue.OpenAsync(household.Appliance.Mx);
        await dialogue.SayAsync("EHLO client.example");
        await dialogue.SayAsync("MAIL FROM:<friend@friends.example>");
        await dialogue.SayAsync($"RCPT TO:<{to}>");
        await dialogue.SayAsync("DATA");
        return await dialogue.SayBytesAsync(Encoding.ASCII.GetBytes($"From: friend@friends.example\r\nDate: Fri, 27 Nov 2026 00:00:00 +0000\r\nMessage-ID: <{Guid.NewGuid()}@friends.example>\r\nSubject: {subject}\r\n{rest}.\r\n"));
    }
}

/// <summary>One of each for the tests that leave them alone.</summary>
public sealed class BothFilters : IAsyncLifetime
{
    private ClamdServer? _clamd;
    private RspamdServer? _rspamd;

    public ClamdServer Clamd => _clamd!;

    public RspamdServer Rspamd => _rspamd!;

    public async ValueTask InitializeAsync()
    {
        _clamd = await ClamdServer.StartAsync();
        _rspamd = await RspamdServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_clamd is not null)
            await _clamd.DisposeAsync();
        if (_rspamd is not null)
            await _rspamd.DisposeAsync();
    }
}
