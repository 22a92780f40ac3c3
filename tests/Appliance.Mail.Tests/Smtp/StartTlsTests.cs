using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Appliance.Mail.Smtp;

namespace Appliance.Mail.Tests.Smtp;

public sealed class StartTlsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly X509Certificate2 Certificate = SelfSigned();

    [Fact]
    public async Task Offers_itself_only_in_clear_and_forgets_what_was_said_in_clear()
    {
        var conversation = Start();
        await conversation.SendAsync("EHLO in.clear\r\n");
        Assert.Contains("250-STARTTLS\r\n", conversation.Replies());
        await conversation.SendAsync("STARTTLS\r\n");
        Assert.EndsWith("220 2.0.0 Ready to start TLS\r\n", conversation.Replies());
        await using var tls = await ShakeHandsAsync(conversation);
        Assert.StartsWith("503 5.5.1 Say EHLO first (LHLO where LMTP is spoken)", await AskAsync(tls, "MAIL FROM:<a@client.example>\r\n", 1));
        var hello = await AskAsync(tls, "EHLO inside\r\n", 7);
        Assert.DoesNotContain("STARTTLS", hello);
        Assert.StartsWith("503 5.5.1 TLS is active", await AskAsync(tls, "STARTTLS\r\n", 1));
        await AskAsync(tls, "MAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n", 3);
        Assert.StartsWith("250 2.0.0 Kept", await AskAsync(tls, "hello\r\n.\r\n", 1));
        Assert.StartsWith("221", await AskAsync(tls, "QUIT\r\n", 1));
        // An orderly end, not a cut.
        Assert.Equal(0, await tls.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience));
        Assert.Equal(SmtpEndReason.Quit, (await conversation.Ended.WaitAsync(Patience)).Reason);
        var envelope = Assert.Single(conversation.Drop.Kept).Envelope;
        Assert.True(envelope.Peer is { Helo: "inside", Tls: not null });
        Assert.Equal("ESMTPS", envelope.Protocol);
        Assert.Equal(tls.NegotiatedCipherSuite, envelope.Peer.Tls!.CipherSuite);
    }

    [Fact]
    public async Task Whom_a_proxy_has_named_does_not_become_the_proxy_by_it()
    {
        var conversation = Start(isTrusted: true, mayForward: true);
        await conversation.SendAsync("EHLO proxy.example\r\nXCLIENT ADDR=192.0.2.7 HELO=client.example\r\nEHLO proxy.example\r\nSTARTTLS\r\n");
        conversation.Replies();
        await using var tls = await ShakeHandsAsync(conversation);
        await AskAsync(tls, "EHLO inside\r\n", 7);
        await AskAsync(tls, "MAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n", 3);
        Assert.StartsWith("250 2.0.0 Kept", await AskAsync(tls, "hello\r\n.\r\n", 1));
        var peer = Assert.Single(conversation.Drop.Kept).Envelope.Peer;
        Assert.Equal(("192.0.2.7", "client.example"), (peer.Remote.Address.ToString(), peer.Helo));
        Assert.NotNull(peer.Tls);
    }

    [Theory]
    [InlineData("EHLO evil\r\n")]
    [InlineData("MAIL FROM:<evil@client.example>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n.\r\n")]
    [InlineData("\x16")]
    public async Task Ends_the_session_when_anything_is_pipelined_behind_it(string injected)
    {
        var conversation = Start();
        await conversation.SendAsync("EHLO c\r\nSTARTTLS\r\n" + injected);
        var end = await conversation.HangUpAsync();
        Assert.Equal(SmtpEndReason.Violation, end.Reason);
        Assert.EndsWith("220 2.0.0 Ready to start TLS\r\n", conversation.Replies());
        Assert.Empty(conversation.Drop.Kept);
    }

    [Fact]
    public async Task Ends_the_session_when_clear_text_follows_instead_of_a_handshake()
    {
        var conversation = Start();
        await conversation.SendAsync("EHLO c\r\nSTARTTLS\r\n");
        await conversation.SendAsync("MAIL FROM:<evil@client.example>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n.\r\n");
        var end = await conversation.HangUpAsync();
        Assert.Equal(SmtpEndReason.TlsFailed, end.Reason);
        Assert.Single(conversation.Replies().Split("\r\n"), line => line.StartsWith("250 ", StringComparison.Ordinal));
        Assert.Empty(conversation.Drop.Kept);
    }

    [Fact]
    public async Task Does_not_wait_for_ever_for_a_handshake()
    {
        var time = new ManualTime();
        var conversation = Start(time);
        await conversation.SendAsync("EHLO c\r\nSTARTTLS\r\n\x16"[..^1]);
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(SmtpEndReason.TlsFailed, (await conversation.Ended.WaitAsync(Patience)).Reason);
    }

    [Fact]
    public async Task Says_why_when_a_session_inside_tls_times_out()
    {
        var time = new ManualTime();
        var conversation = Start(time);
        await conversation.SendAsync("EHLO c\r\nSTARTTLS\r\n");
        conversation.Replies();
        await using var tls = await ShakeHandsAsync(conversation);
        await AskAsync(tls, "EHLO c\r\n", 7);
        // The answer may be here before the server waits again; the clock is moved until it has heard it.
        var lastWords = AskAsync(tls, "", 1);
        while (!lastWords.IsCompleted)
        {
            time.Advance(TimeSpan.FromMinutes(5));
            await Task.Yield();
        }
        Assert.StartsWith("421 4.4.2", await lastWords);
        Assert.Equal(SmtpEndReason.TimedOut, (await conversation.Ended.WaitAsync(Patience)).Reason);
    }

    [Fact]
    public async Task Ends_quietly_when_tls_is_cut()
    {
        var conversation = Start();
        await conversation.SendAsync("EHLO c\r\nSTARTTLS\r\n");
        conversation.Replies();
        await using var tls = await ShakeHandsAsync(conversation);
        await AskAsync(tls, "EHLO c\r\nMAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n", 10);
        await tls.WriteAsync("half a message"u8.ToArray());
        Assert.Equal(SmtpEndReason.PeerClosed, (await conversation.HangUpAsync()).Reason);
        Assert.Empty(conversation.Drop.Kept);
    }

    private static Conversation Start(TimeProvider? time = null, bool isTrusted = false, bool mayForward = false) =>
        new(time: time, isTrusted: isTrusted, mayForward: mayForward, tls: _ => new SslServerAuthenticationOptions { ServerCertificate = Certificate });

    private static async Task<SslStream> ShakeHandsAsync(Conversation conversation)
    {
        var tls = new SslStream(conversation.OpenClientStream());
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "mx.example.test",
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString() == Certificate.GetCertHashString(),
        };
        await tls.AuthenticateAsClientAsync(options).WaitAsync(Patience);
        return tls;
    }

    private static async Task<string> AskAsync(SslStream tls, string text, int lines)
    {
        await tls.WriteAsync(Encoding.ASCII.GetBytes(text));
        var answer = new StringBuilder();
        var buffer = new byte[4_096];
        while (answer.ToString().Count(c => c == '\n') < lines)
        {
            var count = await tls.ReadAsync(buffer).AsTask().WaitAsync(Patience);
            if (count == 0)
                break;
            answer.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
        return answer.ToString();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mx.example.test", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        // The platform's TLS wants a key that came from a file on some systems.
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
