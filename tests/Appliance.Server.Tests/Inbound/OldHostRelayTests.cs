using System.Buffers;
using System.Net;
using Appliance.Mail.Addresses;
using Appliance.Mail.Smtp;
using Appliance.Mail.Tests.Smtp.Client;
using Appliance.Server.Domains;
using Appliance.Server.Inbound;
using Appliance.Server.Inbound.OldHosts;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Tests.Inbound;

/// <summary>What a sender hears of what an old host says: its word on sender, recipient and message; and "try again" for everything that the sender cannot help.</summary>
public sealed class OldHostRelayTests
{
    private static readonly SmtpSender Sender = new(PathOf("friend@example.net"), DeclaredBytes: 2000, Is8Bit: true);
    private readonly OldHostRelay _relay = new(Options.Create(new MxOptions { HostName = "mx.home.example" }), NullLogger<OldHostRelay>.Instance);

    private static CancellationToken Abort => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("RCPT", "550 5.1.1 Nobody of that name", "550 5.1.1 Nobody of that name")]
    [InlineData("RCPT", "550 Nobody of that name", "550 5.0.0 Nobody of that name")]
    [InlineData("RCPT", "450 4.2.0 Greylisted", "450 4.2.0 Greylisted")]
    [InlineData("RCPT", "452 4.2.2 Full", "452 4.2.2 Full")]
    [InlineData("MAIL", "553 5.1.8 No such sender", "553 5.1.8 No such sender")]
    [InlineData("MAIL", "530 5.7.0 Log in first", "451 4.4.1")]
    [InlineData("MAIL", "501 5.5.4 Syntax", "451 4.4.1")]
    [InlineData("RCPT", "421 4.3.2 Going down", "451 4.4.1")]
    [InlineData("RCPT", "354 What?", "451 4.4.1")]
    [InlineData("RCPT", "no reply", "451 4.4.1")]
    [InlineData("RCPT", null, "451 4.4.1")]
    [InlineData("", "554 5.7.1 Not you", "451 4.4.1")]
    [InlineData("", "421 4.7.0 Too many", "451 4.4.1")]
    [InlineData("EHLO", "250 mx.home.example", "451 4.4.6")] // ourselves
    [InlineData("EHLO", "250 old.example", "554 5.6.3")] // no 8BITMIME
    public async Task A_recipient_that_the_old_host_does_not_take_is_refused(string line, string? answer, string expected)
    {
        await using var server = ScriptedServer.Agreeable((line, answer), ("HELO", answer));
        var (refusal, transaction) = await AskAsync(server, null);
        Assert.Null(transaction);
        Assert.StartsWith(expected, Text(refusal!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_in_UTF8_need_a_host_that_takes_them()
    {
        await using var server = ScriptedServer.Agreeable(("EHLO", "250-old.example\r\n250 8BITMIME"));
        var (refusal, _) = await _relay.AskAsync(HostOf(server), Client(1), Sender with { IsUtf8 = true }, PathOf("carol@home.example"), null, Abort);
        Assert.Equal("5.6.7", refusal!.Enhanced);
    }

    [Fact]
    public async Task A_host_that_is_not_there_is_tried_again_later()
    {
        int port;
        await using (var server = ScriptedServer.Agreeable())
            port = server.Port;
        var (refusal, _) = await _relay.AskAsync(new OldHost("127.0.0.1", port), Client(1), Sender, PathOf("carol@home.example"), null, Abort);
        Assert.Equal((451, "4.4.1"), (refusal!.Code, refusal.Enhanced));
    }

    [Theory]
    [InlineData("", "250 2.0.0 Ok: queued as 4711", "250 2.0.0 Ok: queued as 4711")]
    [InlineData("", "250 Queued", "250 2.0.0 Queued")]
    [InlineData("", "554 5.7.1 Looks like spam", "554 5.7.1 Looks like spam")]
    [InlineData("", "451 4.3.0 Disk full", "451 4.3.0 Disk full")]
    [InlineData("", null, "451 4.4.1")] // perhaps it was taken: once more is better than never
    [InlineData("DATA", "554 5.5.1 No", "554 5.5.1 No")]
    [InlineData("DATA", "250 2.0.0 What?", "451 4.4.1")]
    [InlineData("DATA", null, "451 4.4.1")]
    public async Task The_old_hosts_word_on_the_message_is_the_senders(string line, string? answer, string expected)
    {
        await using var server = line == "DATA" ? ScriptedServer.Agreeable(("DATA", answer)) : ScriptedServer.Agreeable(("Subject", answer));
        var (refusal, transaction) = await AskAsync(server, null);
        Assert.Null(refusal);
        using (transaction)
            Assert.StartsWith(expected, Text(await _relay.PassOnAsync(transaction!, [new ReadOnlySequence<byte>("Subject: x\r\n\r\n.\r\n"u8.ToArray())], Abort)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_transaction_has_all_recipients_of_a_message_and_lives_on_when_one_is_refused()
    {
        await using var server = ScriptedServer.Agreeable(("RCPT TO:<nobody", "550 5.1.1 Nobody"));
        var (_, transaction) = await AskAsync(server, null);
        Assert.Equal("5.1.1", (await AskAsync(server, transaction, "nobody@home.example")).Refusal!.Enhanced);
        Assert.Same(transaction, (await AskAsync(server, transaction, "dora@home.example")).Transaction);
        Assert.Equal(250, (await _relay.PassOnAsync(transaction!, [new ReadOnlySequence<byte>("Subject: x\r\n\r\nHello.\r\n"u8.ToArray())], Abort)).Code);
        transaction!.Dispose();
        await HeardAsync(server, "QUIT");
        Assert.Equal(
            ["EHLO mx.home.example", "MAIL FROM:<friend@example.net> SIZE=6096 BODY=8BITMIME", "RCPT TO:<carol@home.example>", "RCPT TO:<nobody@home.example>", "RCPT TO:<dora@home.example>", "DATA",
                "Subject: x\r\n\r\nHello.\r\n", "QUIT"],
            server.Heard);
    }

    /// <summary>After an answer that did not come, the next would be taken for it.</summary>
    [Fact]
    public async Task A_transaction_whose_answers_are_out_of_step_takes_nothing_more()
    {
        await using var server = ScriptedServer.Agreeable(("RCPT TO:<nobody", "no reply"));
        var (_, transaction) = await AskAsync(server, null);
        Assert.Equal("4.4.1", (await AskAsync(server, transaction, "nobody@home.example")).Refusal!.Enhanced);
        Assert.Equal("4.4.1", (await AskAsync(server, transaction, "dora@home.example")).Refusal!.Enhanced);
        Assert.Equal("4.4.1", (await _relay.PassOnAsync(transaction!, [], Abort)).Enhanced);
        transaction!.Dispose();
        Assert.DoesNotContain("DATA", server.Heard);
    }

    [Fact]
    public async Task Fifty_at_once_and_twenty_of_one_client_and_the_next_waits_until_one_has_left()
    {
        await using var server = ScriptedServer.Agreeable();
        var begun = new List<OldHostTransaction>();
        foreach (var (client, most) in new[] { (1, 20), (2, 20), (3, 10) })
        {
            for (var i = 0; i < most; i++)
                begun.Add(Assert.IsType<OldHostTransaction>((await AskAsync(server, null, client: client)).Transaction));
            Assert.Equal("4.4.5", (await AskAsync(server, null, client: client)).Refusal!.Enhanced);
        }
        begun[0].Dispose();
        await HeardAsync(server, "QUIT");
        while ((await AskAsync(server, null, client: 4)).Transaction is null)
            Abort.ThrowIfCancellationRequested();
    }

    private static async Task HeardAsync(ScriptedServer server, string line)
    {
        while (true)
        {
            lock (server.Heard)
                if (server.Heard.Contains(line))
                    return;
            await Task.Delay(5, Abort);
        }
    }

    private Task<(SmtpReply? Refusal, OldHostTransaction? Transaction)> AskAsync(ScriptedServer server, OldHostTransaction? begun, string recipient = "carol@home.example", int client = 1) =>
        _relay.AskAsync(HostOf(server), Client(client), Sender, PathOf(recipient), begun, Abort);

    private static SmtpPeer Client(int number) => new(new IPEndPoint(new IPAddress([192, 0, 2, (byte)number]), 4242));

    private static OldHost HostOf(ScriptedServer server) => new("127.0.0.1", server.Port);

    private static string Text(SmtpReply reply) => $"{reply.Code} {reply.Enhanced} {reply.Text}";

    private static SmtpPath PathOf(string address) => SmtpPath.Of(Mailbox.TryParse(address, out var mailbox) ? mailbox : throw new ArgumentException(address, nameof(address)));
}
