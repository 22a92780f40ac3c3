using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Text;
using Appliance.Mail.Smtp;

namespace Appliance.Mail.Tests.Smtp;

/// <summary>
/// A session and its peer in memory. Both pipes run their readers inline: when <c>SendAsync</c> returns, the
/// server has answered all it can, so a test needs no waiting.
/// </summary>
internal sealed class Conversation
{
    private static readonly PipeOptions Inline =
        new(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false);

    private readonly Pipe _toServer = new(Inline);
    private readonly Pipe _toClient;
    private readonly StringBuilder _replies = new();

    public Conversation(
        SmtpOptions? options = null, ScriptedDrop? drop = null, TimeProvider? time = null, MessageBudget? budget = null,
        Func<SslServerAuthenticationOptions>? tls = null, PipeOptions? repliesThrough = null,
        CancellationToken drain = default, CancellationToken abort = default)
    {
        Drop = drop ?? new ScriptedDrop();
        Budget = budget ?? new MessageBudget(1 << 28);
        _toClient = new Pipe(repliesThrough ?? Inline);
        var server = new SmtpServer(options ?? new SmtpOptions { HostName = "mx.example.test" }, Budget, time ?? TimeProvider.System, tls);
        var peer = new SmtpPeer(new IPEndPoint(IPAddress.Loopback, 4242));
        Ended = RunAsync(server, peer, drain, abort);
    }

    public ScriptedDrop Drop { get; }

    public MessageBudget Budget { get; }

    public Task<SmtpEnd> Ended { get; }

    /// <summary>The client's ends, for TLS.</summary>
    public PipeReader FromServer => _toClient.Reader;

    public PipeWriter ToServer => _toServer.Writer;

    public async Task SendAsync(ReadOnlyMemory<byte> octets) => await _toServer.Writer.WriteAsync(octets);

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>The peer closes; the session must come to an end by itself.</summary>
    public async Task<SmtpEnd> HangUpAsync()
    {
        await _toServer.Writer.CompleteAsync();
        return await Ended.WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>All that the server has said so far.</summary>
    public string Replies()
    {
        if (_toClient.Reader.TryRead(out var read))
        {
            foreach (var piece in read.Buffer)
                _replies.Append(Encoding.Latin1.GetString(piece.Span));
            _toClient.Reader.AdvanceTo(read.Buffer.End);
        }
        return _replies.ToString();
    }

    private async Task<SmtpEnd> RunAsync(SmtpServer server, SmtpPeer peer, CancellationToken drain, CancellationToken abort)
    {
        var end = await server.RunAsync(new Transport(_toServer.Reader, _toClient.Writer), peer, Drop, drain, abort);
        await _toServer.Reader.CompleteAsync();
        await _toClient.Writer.CompleteAsync();
        return end;
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
