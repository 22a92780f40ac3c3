using System.Net;

namespace Appliance.Mail.Tests.Smtp;

/// <summary>A proxy that may do so says whose session it is.</summary>
public sealed class XClientTests
{
    private const string Message = "MAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.test>\r\nDATA\r\nHi.\r\n.\r\n";

    [Theory]
    [InlineData("XCLIENT ADDR=192.0.2.7 PORT=2525 HELO=client.example NAME=[UNAVAILABLE] PROTO=ESMTP LOGIN=ann", "192.0.2.7:2525", "client.example")]
    [InlineData("xclient addr=IPv6:2001:db8::7", "[2001:db8::7]:4242", "proxy.example")]
    [InlineData("XCLIENT NAME=spike.example ADDR=192.0.2.8 HELO=client+2Eexample", "192.0.2.8:4242", "client.example")]
    [InlineData("XCLIENT ADDR=[TEMPUNAVAIL] NAME=[TEMPUNAVAIL]", "127.0.0.1:4242", "proxy.example")]
    public async Task Its_word_counts(string command, string client, string helo)
    {
        var conversation = new Conversation(mayForward: true);
        await conversation.SendAsync($"EHLO other.example\r\n{command}\r\n");
        Assert.EndsWith("XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT\r\n220 mx.example.test ESMTP\r\n", conversation.Replies());
        await conversation.SendAsync("MAIL FROM:<>\r\n");
        Assert.EndsWith("503 5.5.1 Say EHLO first (LHLO where LMTP is spoken)\r\n", conversation.Replies());
        await conversation.SendAsync("EHLO proxy.example\r\n" + Message);
        var peer = Assert.Single(conversation.Drop.Kept).Envelope.Peer;
        Assert.Equal((IPEndPoint.Parse(client), helo), (peer.Remote, peer.Helo));
        await conversation.HangUpAsync();
    }

    [Theory]
    [InlineData("XCLIENT")]
    [InlineData("XCLIENT ADDR")]
    [InlineData("XCLIENT ADDR=")]
    [InlineData("XCLIENT ADDR=client.example")]
    [InlineData("XCLIENT ADDR=192.0.2.7 PORT=70000")]
    [InlineData("XCLIENT ADDR=192.0.2.7 HELO=a+20b")]
    [InlineData("XCLIENT ADDR=192.0.2.7+2")]
    [InlineData("XCLIENT ADDR=192.0.2.7 SECRET=1")]
    public async Task What_is_written_wrongly_changes_nothing(string command)
    {
        var conversation = new Conversation(mayForward: true);
        await conversation.SendAsync($"EHLO other.example\r\n{command}\r\n" + Message);
        Assert.Contains("501 5.5.4 A parameter is written wrongly or twice\r\n250 ", conversation.Replies());
        Assert.Equal(IPAddress.Loopback, Assert.Single(conversation.Drop.Kept).Envelope.Peer.Remote.Address);
        await conversation.HangUpAsync();
    }

    [Fact]
    public async Task Nobody_else_may()
    {
        var conversation = new Conversation();
        await conversation.SendAsync("EHLO client.example\r\n");
        Assert.DoesNotContain("XCLIENT", conversation.Replies());
        await conversation.SendAsync("XCLIENT ADDR=192.0.2.7\r\n" + Message);
        Assert.Contains("500 5.5.1 Command not recognized\r\n250 ", conversation.Replies());
        Assert.Equal(IPAddress.Loopback, Assert.Single(conversation.Drop.Kept).Envelope.Peer.Remote.Address);
        await conversation.HangUpAsync();
    }

    [Fact]
    public async Task Not_within_a_transaction()
    {
        var conversation = new Conversation(mayForward: true);
        await conversation.SendAsync("EHLO client.example\r\nMAIL FROM:<>\r\nXCLIENT ADDR=192.0.2.7\r\n");
        Assert.EndsWith("503 5.5.1 A mail transaction is open\r\n", conversation.Replies());
        await conversation.HangUpAsync();
    }

    [Fact]
    public async Task Not_by_whoever_was_named_and_speaks_through_the_proxy()
    {
        var conversation = new Conversation(mayForward: true);
        await conversation.SendAsync("EHLO proxy.example\r\nXCLIENT ADDR=192.0.2.7\r\nXCLIENT HELO=client.example\r\nEHLO proxy.example\r\nMAIL FROM:<>\r\nRSET\r\n");
        await conversation.SendAsync("XCLIENT ADDR=127.0.0.1\r\n");
        Assert.EndsWith("250 2.0.0 OK\r\n500 5.5.1 Command not recognized\r\n", conversation.Replies());
        await conversation.SendAsync(Message);
        Assert.Equal("192.0.2.7", Assert.Single(conversation.Drop.Kept).Envelope.Peer.Remote.Address.ToString());
        await conversation.HangUpAsync();
    }
}
