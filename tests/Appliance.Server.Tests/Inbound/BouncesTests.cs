using System.Net;
using Appliance.Mail.Addresses;
using Appliance.Mail.Smtp;
using Appliance.Mail.Smtp.Client;
using Appliance.Server.Domains;
using Appliance.Server.Storage;
using Appliance.Server.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Appliance.Server.Tests.Inbound;

/// <summary>Whoever forges addresses of ours has honest servers send bounces to them.</summary>
public sealed class BouncesTests : IAsyncLifetime
{
    private static readonly SmtpSender Nobody = new(SmtpPath.Null);
    private RunningAppliance _appliance = null!;
    private int _guesses;

    private static CancellationToken Abort => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _appliance = await RunningAppliance.StartAsync("--MailAuth:ExemptClients", "", "--Mx:MaxUnknownRecipients", "4");
        await _appliance.Services.GetRequiredService<IStore>().WriteAsync(
            transaction =>
            {
                transaction.Put(DomainRow.All, new DomainRow { Name = "home.example", AddedAt = DateTimeOffset.UnixEpoch });
                return true;
            },
            Abort);
    }

    public ValueTask DisposeAsync() => _appliance.DisposeAsync();

    [Fact]
    public async Task A_server_whose_bounces_nobody_has_may_send_other_mail()
    {
        for (var bounces = 0; bounces < 4; bounces++)
            Assert.Equal(550, await GuessAsync(Nobody));
        Assert.Equal(421, await GuessAsync(Nobody));

        await using var session = await OpenAsync();
        Assert.Equal((450, "4.7.1"), await session.MailAsync(Nobody, Abort) is var refusal ? (refusal.Code, refusal.Enhanced) : default);
        Assert.Equal(250, (await session.MailAsync(new SmtpSender(Path("friend@client.example")), Abort)).Code);
    }

    [Fact]
    public async Task Further_recipients_of_a_bounce_are_guesses()
    {
        await using (var session = await OpenAsync())
        {
            await session.MailAsync(Nobody, Abort);
            for (var recipients = 0; recipients < 5; recipients++)
                Assert.Equal(550, (await session.RcptAsync(Guess(), Abort)).Code);
            Assert.Equal(421, (await session.RcptAsync(Guess(), Abort)).Code);
        }
        Assert.Contains("421", (await Assert.ThrowsAsync<IOException>(OpenAsync)).Message, StringComparison.Ordinal);
    }

    private async Task<int> GuessAsync(SmtpSender sender)
    {
        await using var session = await OpenAsync();
        Assert.Equal(250, (await session.MailAsync(sender, Abort)).Code);
        return (await session.RcptAsync(Guess(), Abort)).Code;
    }

    private Task<SmtpClientSession> OpenAsync() => SmtpClientSession.OpenAsync(new DnsEndPoint(_appliance.Mx.Host, _appliance.Mx.Port), "client.example", Abort);

    private SmtpPath Guess() => Path($"guess{_guesses++}@home.example");

    private static SmtpPath Path(string text) => SmtpPath.Of(Mailbox.TryParse(text, out var address) ? address : throw new FormatException(text));
}
