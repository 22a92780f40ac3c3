using System.Text.Json;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Smtp;

/// <summary>The mail port of the running service, as other people's programs see it.</summary>
public sealed class SmtpPeers(SharedHousehold shared) : IClassFixture<SharedHousehold>
{
    private readonly Household _household = shared.Household;

    [Fact]
    public async Task A_message_sent_over_STARTTLS_arrives()
    {
        var sent = await SwaksAsync(Household.AnnAddress, "--tls", "--h-Subject", "Over a sealed line");
        Assert.True(sent.Status == 0, sent.Text);
        Assert.Contains("TLS started", sent.Text, StringComparison.Ordinal);
        Assert.Contains(await _household.Ann.ListAsync(), message => message.Subject == "Over a sealed line");
    }

    [Fact]
    public async Task What_happened_is_counted_and_names_nobody()
    {
        var before = await StatusAsync();
        (await SwaksAsync(Household.AnnAddress, "--tls")).Succeeded();
        (await SwaksAsync(Household.AnnAddress)).Succeeded();
        await SwaksAsync("nobody@" + Household.Domain);
        await using (var line = await SmtpDialogue.OpenAsync(_household.Appliance.Mx))
        {
            await line.SayAsync("EHLO a.example");
            await line.SayAsync("STARTTLS");
            Assert.Equal("", await line.SayAsync("noise instead of a handshake"));
        }
        JsonElement after = default;
        for (var tries = 0; tries < 100 && (after = await StatusAsync()).GetProperty("sessionsNow").GetInt64() > 0; tries++)
            await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(2, Growth("messages"));
        Assert.Equal(4, Growth("sessions"));
        Assert.Equal(1, Growth("failedHandshakes"));
        Assert.Equal(1, Growth("tls", "Tls13"));
        Assert.Equal(2, Growth("tls", "clear"));
        Assert.Equal(1, Growth("refusals", "550 5.1.1"));
        var said = (await _household.Appliance.CommandAsync("mx", "status")).Succeeded().Text;
        Assert.Contains("refused 550 5.1.1", said, StringComparison.Ordinal);
        Assert.DoesNotContain("@", said + after, StringComparison.Ordinal);

        long Growth(params string[] path) => At(after, path) - At(before, path);
        static long At(JsonElement status, string[] path) => path.Aggregate((JsonElement?)status, (at, name) => at?.TryGetProperty(name, out var next) == true ? next : null)?.GetInt64() ?? 0;
    }

    [Theory]
    [InlineData("nobody@" + Household.Domain, "550 5.1.1")]
    [InlineData("someone@elsewhere.example", "550 5.7.1")]
    public async Task Mail_for_nobody_here_is_refused_for_good(string recipient, string reply)
    {
        var sent = await SwaksAsync(recipient);
        Assert.NotEqual(0, sent.Status);
        Assert.Contains(reply, sent.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_for_someone_invited_waits_until_the_link_is_used()
    {
        const string invited = "carl@" + Household.Domain;
        var link = await _household.Appliance.InviteAsync(invited);
        var early = await SwaksAsync(invited);
        Assert.NotEqual(0, early.Status);
        Assert.Contains("450 4.2.1", early.Text, StringComparison.Ordinal);

        using var carl = new BridgeProgram("a password for Carl");
        await carl.ActivateAsync(link);
        (await SwaksAsync(invited, "--h-Subject", "Now")).Succeeded();
        Assert.Equal(["Now"], (await carl.ListAsync()).Select(message => message.Subject));
    }

    private async Task<JsonElement> StatusAsync() => JsonDocument.Parse((await _household.Appliance.CommandAsync("mx", "status", "--json")).Succeeded().Output).RootElement;

    private Task<CommandResult> SwaksAsync(string recipient, params string[] more) =>
        new Command(
            Peer.Need("swaks"),
            ["--server", _household.Appliance.Mx.ToString(), "--helo", "sender.example", "--from", "a@sender.example", "--to", recipient, .. more]).RunAsync();
}
