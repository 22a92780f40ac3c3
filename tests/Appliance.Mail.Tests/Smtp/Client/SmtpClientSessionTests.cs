using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Appliance.Mail.Addresses;
using Appliance.Mail.Smtp;
using Appliance.Mail.Smtp.Client;

namespace Appliance.Mail.Tests.Smtp.Client;

public sealed class SmtpClientSessionTests
{
    private static readonly SmtpSender Sender = new(PathOf("friend@example.net"), DeclaredBytes: 2000, Is8Bit: true);

    private static CancellationToken Deadline { get; } = TestContext.Current.CancellationToken;

    /// <summary>Our own server, whose unstuffing and line ends are proven elsewhere, gets the very octets, in clear and over TLS.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_arrives_octet_for_octet(bool overTls)
    {
        var drop = new ScriptedDrop();
        using var certificate = Certificate();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, drop, overTls ? certificate : null);
        string[] messages = ["Subject: dots\r\n\r\n.\r\n..\r\n.x\r\nx.\r\n\r\n.", "", ".", "\r\n", "Subject: long\r\n\r\n" + string.Concat(Enumerable.Repeat(".abc\r\n", 20_000)), new string('x', 900) + "\r\n.."];
        await using (var session = await SmtpClientSession.OpenAsync(new DnsEndPoint("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port), "client.example", Deadline))
        {
            Assert.Equal((overTls, "mx.example.test"), (session.IsOverTls, session.ServerName));
            foreach (var message in messages)
            {
                Assert.Equal(250, (await session.MailAsync(Sender, Deadline)).Code);
                Assert.Equal(250, (await session.RcptAsync(PathOf("ann@home.example"), Deadline)).Code);
                // Cut anywhere, and from two parts.
                var bytes = Encoding.Latin1.GetBytes(message);
                var half = bytes.Length / 2;
                Assert.Equal(250, (await session.DataAsync([new ReadOnlySequence<byte>(bytes.AsMemory(0, half)), new ReadOnlySequence<byte>(bytes.AsMemory(half))], Deadline)).Code);
            }
            await session.QuitAsync(Deadline);
        }
        Assert.Equal(SmtpEndReason.Quit, (await serving).Reason);
        // What ends in the middle of a line is ended by a line end: SMTP has no other way.
        Assert.Equal(
            messages.Select(message => message.EndsWith("\r\n", StringComparison.Ordinal) || message.Length == 0 ? message : message + "\r\n"), drop.Kept.Select(kept => Encoding.Latin1.GetString(kept.Content)));
        Assert.All(drop.Kept, kept => Assert.True(kept.Envelope.Sender is { DeclaredBytes: 2000, Is8Bit: true }));
    }

    [Fact]
    public async Task Parameters_are_said_only_to_a_server_that_knows_them()
    {
        await using var plain = ScriptedServer.Agreeable(("EHLO", "502 5.5.1 What?"));
        await using (var session = await SmtpClientSession.OpenAsync(plain.EndPoint, "client.example", Deadline))
            await session.MailAsync(Sender with { IsUtf8 = true }, Deadline);
        Assert.Equal(["EHLO client.example", "HELO client.example", "MAIL FROM:<friend@example.net>"], plain.Heard);
        await using var full = ScriptedServer.Agreeable();
        await using (var session = await SmtpClientSession.OpenAsync(full.EndPoint, "client.example", Deadline))
            await session.MailAsync(Sender with { IsUtf8 = true }, Deadline);
        Assert.Equal("MAIL FROM:<friend@example.net> SIZE=2000 BODY=8BITMIME SMTPUTF8", full.Heard[^1]);
    }

    [Theory]
    [InlineData("250 2.1.5 Ok", 250, "2.1.5", "Ok")]
    [InlineData("250", 250, "", "")]
    [InlineData("550-5.1.1 No such\r\n550 5.1.1 mailbox", 550, "5.1.1", "No such\nmailbox")]
    [InlineData("550 2.1.1 of another class", 550, "", "2.1.1 of another class")]
    [InlineData("450 4.7.1234 too long", 450, "", "4.7.1234 too long")]
    [InlineData("451 4.7.1", 451, "4.7.1", "")]
    public async Task A_reply_is_read(string reply, int code, string enhanced, string text)
    {
        await using var server = ScriptedServer.Agreeable(("RCPT", reply));
        await using var session = await SmtpClientSession.OpenAsync(server.EndPoint, "client.example", Deadline);
        var read = await session.RcptAsync(PathOf("ann@home.example"), Deadline);
        Assert.Equal((code, enhanced, text), (read.Code, read.Enhanced, read.Text));
    }

    [Theory]
    [InlineData("what?")]
    [InlineData("25")]
    [InlineData("099 no such code")]
    [InlineData("600 no such code")]
    [InlineData("250+ ok")]
    [InlineData("250-one\r\n251 other")]
    [InlineData(null)]
    public async Task What_is_no_reply_breaks_the_session(string? reply)
    {
        await using var server = ScriptedServer.Agreeable(("RCPT", reply));
        await using var session = await SmtpClientSession.OpenAsync(server.EndPoint, "client.example", Deadline);
        await Assert.ThrowsAsync<IOException>(() => session.RcptAsync(PathOf("ann@home.example"), Deadline));
    }

    [Fact]
    public async Task A_reply_without_end_is_not_read_for_ever()
    {
        await using var wide = ScriptedServer.Agreeable(("RCPT", "250 " + new string('x', 100_000)));
        await using (var session = await SmtpClientSession.OpenAsync(wide.EndPoint, "client.example", Deadline))
            await Assert.ThrowsAsync<IOException>(() => session.RcptAsync(PathOf("ann@home.example"), Deadline));
        await using var tall = ScriptedServer.Agreeable(("RCPT", string.Concat(Enumerable.Repeat("250-x\r\n", 10_000))));
        await using (var session = await SmtpClientSession.OpenAsync(tall.EndPoint, "client.example", Deadline))
            await Assert.ThrowsAsync<IOException>(() => session.RcptAsync(PathOf("ann@home.example"), Deadline));
    }

    /// <summary>Whoever sits in between could put it there, to be taken for what was said over TLS (RFC 3207 §6).</summary>
    [Fact]
    public async Task What_is_said_in_clear_behind_the_answer_to_STARTTLS_breaks_the_session()
    {
        await using var server = ScriptedServer.Agreeable(("EHLO", "250-old.example\r\n250 STARTTLS"), ("STARTTLS", "220 Go on\r\n250 injected"));
        await Assert.ThrowsAsync<IOException>(() => SmtpClientSession.OpenAsync(server.EndPoint, "client.example", Deadline));
    }

    [Fact]
    public async Task A_server_whose_TLS_does_not_work_is_spoken_to_in_clear()
    {
        await using var server = ScriptedServer.Agreeable(("EHLO", "250-old.example\r\n250 STARTTLS"), ("STARTTLS", "220 Go on"), ("\u0016", "no handshake at all"));
        await using var session = await SmtpClientSession.OpenAsync(server.EndPoint, "client.example", Deadline);
        Assert.False(session.IsOverTls);
        Assert.Equal(250, (await session.MailAsync(Sender, Deadline)).Code);
    }

    private static async Task<SmtpEnd> ServeAsync(TcpListener listener, ScriptedDrop drop, X509Certificate2? certificate)
    {
        var server = new SmtpServer(
            new SmtpOptions { HostName = "mx.example.test" }, new MessageBudget(1 << 28), TimeProvider.System, certificate is null ? null : _ => new SslServerAuthenticationOptions { ServerCertificate = certificate });
        using var client = await listener.AcceptTcpClientAsync(Deadline);
        await using var stream = client.GetStream();
        return await server.RunAsync(
            new Transport(PipeReader.Create(stream), PipeWriter.Create(stream)), new SmtpPeer(new IPEndPoint(IPAddress.Loopback, 4242)) { IsTrusted = true }, drop, CancellationToken.None, Deadline);
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return new CertificateRequest("CN=mx.example.test", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private static SmtpPath PathOf(string address) => SmtpPath.Of(Mailbox.TryParse(address, out var mailbox) ? mailbox : throw new ArgumentException(address, nameof(address)));

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
