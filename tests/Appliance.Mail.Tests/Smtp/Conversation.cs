using System.Buffers;
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
    private readonly Pipe _toServer;
    private readonly Pipe _toClient;
    private readonly CountingWriter _output;
    private readonly StringBuilder _replies = new();

    public Conversation(
        SmtpOptions? options = null, ScriptedDrop? drop = null, TimeProvider? time = null, MessageBudget? budget = null,
        Func<string, SslServerAuthenticationOptions>? tls = null, MemoryPool<byte>? memory = null, long maxUnreadReplies = 0,
        bool isTrusted = false, bool mayForward = false, IPAddress? client = null, CancellationToken drain = default, CancellationToken abort = default)
    {
        Drop = drop ?? new ScriptedDrop();
        Budget = budget ?? new MessageBudget(1 << 28);
        _toServer = new Pipe(Inline(memory, 0));
        _toClient = new Pipe(Inline(null, maxUnreadReplies));
        _output = new CountingWriter(_toClient.Writer);
        var server = new SmtpServer(options ?? new SmtpOptions { HostName = "mx.example.test" }, Budget, time ?? TimeProvider.System, tls);
        var peer = new SmtpPeer(new IPEndPoint(client ?? IPAddress.Loopback, 4242)) { IsTrusted = isTrusted, MayForward = mayForward };
        Ended = RunAsync(server, peer, drain, abort);
    }

    public ScriptedDrop Drop { get; }

    public MessageBudget Budget { get; }

    public Task<SmtpEnd> Ended { get; }

    /// <summary>How often the server has sent what it had to say.</summary>
    public int Flushes => _output.Flushes;

    /// <summary>The client's side as a stream, for TLS.</summary>
    public Stream OpenClientStream() => new DuplexPipeStream(new Transport(_toClient.Reader, _toServer.Writer));

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
        var end = await server.RunAsync(new Transport(_toServer.Reader, _output), peer, Drop, drain, abort);
        await _toServer.Reader.CompleteAsync();
        await _toClient.Writer.CompleteAsync();
        return end;
    }

    private static PipeOptions Inline(MemoryPool<byte>? memory, long pauseWriterThreshold) => new(
        memory, PipeScheduler.Inline, PipeScheduler.Inline, pauseWriterThreshold, pauseWriterThreshold / 2, useSynchronizationContext: false);

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class CountingWriter(PipeWriter inner) : PipeWriter
    {
        public int Flushes { get; private set; }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            Flushes++;
            return inner.FlushAsync(cancellationToken);
        }

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);
    }
}
