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

    private Task<CommandResult> SwaksAsync(string recipient, params string[] more) =>
        new Command(
            Peer.Need("swaks"),
            ["--server", _household.Appliance.Mx.ToString(), "--helo", "sender.example", "--from", "a@sender.example", "--to", recipient, .. more]).RunAsync();
}
