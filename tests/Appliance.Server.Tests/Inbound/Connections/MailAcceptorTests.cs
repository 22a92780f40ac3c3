using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Appliance.Server.Inbound.Connections;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace Appliance.Server.Tests.Inbound.Connections;

/// <summary>The same over loops and in the thread pool.</summary>
public sealed class MailAcceptorTests : IDisposable
{
    private const int MoreThanThreads = 40;
    private readonly SessionLoops? _loops = SessionLoops.Start();
    private MailAcceptor? _acceptor;

    public void Dispose()
    {
        _acceptor?.Dispose();
        _loops?.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Holds_more_sessions_than_it_has_threads(bool inLoop)
    {
        Start(inLoop);
        var peers = new List<TcpClient>();
        try
        {
            for (var i = 0; i < MoreThanThreads; i++)
                peers.Add(await ConnectAsync());
            for (var round = 0; round < 3; round++)
                foreach (var peer in Enumerable.Reverse(peers))
                    Assert.Equal("hello", await SayAsync(peer, "hello"));
        }
        finally
        {
            peers.ForEach(peer => peer.Dispose());
        }
        // And goes on when all of them are over.
        using var next = await ConnectAsync();
        Assert.Equal("again", await SayAsync(next, "again"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_that_fails_is_no_other_s_matter(bool inLoop)
    {
        Start(inLoop);
        using var failing = await ConnectAsync();
        using var other = await ConnectAsync();
        Assert.Equal("", await SayAsync(failing, "fault"));
        Assert.Equal("hello", await SayAsync(other, "hello"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Closed_it_takes_no_one_and_its_sessions_go_on(bool inLoop)
    {
        Start(inLoop);
        using var before = await ConnectAsync();
        Assert.Equal("hello", await SayAsync(before, "hello"));
        _acceptor!.Dispose();
        await Assert.ThrowsAnyAsync<SocketException>(ConnectAsync);
        Assert.Equal("still here", await SayAsync(before, "still here"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_port_that_is_taken_is_an_error_that_says_so(bool inLoop)
    {
        Start(inLoop);
        var error = Assert.Throws<IOException>(() => new MailAcceptor(new IPEndPoint(IPAddress.Loopback, _acceptor!.Port), EchoAsync, _loops, NullLogger.Instance));
        Assert.IsType<AddressInUseException>(error.InnerException);
        Assert.Contains($"127.0.0.1:{_acceptor!.Port}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "127.0.0.1", "127.0.0.1", false)]
    [InlineData("::1", "::1", "::1", true)]
    [InlineData("::1", "::1", "::1", false)]
    [InlineData("::", "127.0.0.1", "::ffff:127.0.0.1", true)]
    [InlineData("::", "127.0.0.1", "::ffff:127.0.0.1", false)]
    public async Task A_session_knows_its_peer(string at, string to, string from, bool inLoop)
    {
        var known = new TaskCompletionSource<IPEndPoint>(TaskCreationOptions.RunContinuationsAsynchronously);
        Start(inLoop, new IPEndPoint(IPAddress.Parse(at), 0), (_, remote) =>
        {
            known.SetResult(remote);
            return Task.CompletedTask;
        });
        using var peer = new TcpClient(IPAddress.Parse(to).AddressFamily);
        await peer.ConnectAsync(IPAddress.Parse(to), _acceptor!.Port);
        var port = ((IPEndPoint)peer.Client.LocalEndPoint!).Port;
        Assert.Equal(new IPEndPoint(IPAddress.Parse(from), port), await known.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private void Start(bool inLoop) => Start(inLoop, new IPEndPoint(IPAddress.Loopback, 0), EchoAsync);

    private void Start(bool inLoop, IPEndPoint at, Func<IDuplexPipe, IPEndPoint, Task> session)
    {
        _acceptor = new MailAcceptor(at, session, inLoop ? _loops : null, NullLogger.Instance);
        _acceptor.Start();
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var peer = new TcpClient { ReceiveTimeout = 30_000 };
        await peer.ConnectAsync(IPAddress.Loopback, _acceptor!.Port);
        return peer;
    }

    /// <returns>What comes back; nothing when the session is over.</returns>
    private static async Task<string> SayAsync(TcpClient peer, string text)
    {
        await peer.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
        var answer = new byte[100];
        return Encoding.ASCII.GetString(answer, 0, await peer.GetStream().ReadAsync(answer).AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private static async Task EchoAsync(IDuplexPipe pipe, IPEndPoint peer)
    {
        while (await pipe.Input.ReadAsync() is { IsCompleted: false } read)
        {
            var text = Encoding.ASCII.GetString(read.Buffer);
            pipe.Input.AdvanceTo(read.Buffer.End);
            if (text == "fault")
                throw new InvalidOperationException("of this session");
            await pipe.Output.WriteAsync(Encoding.ASCII.GetBytes(text));
        }
    }
}
