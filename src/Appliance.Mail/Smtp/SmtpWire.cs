using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Authentication;

namespace Appliance.Mail.Smtp;

/// <summary>
/// The transport of a session: what has been read and not yet consumed, replies not yet flushed, the deadlines, and
/// the change to TLS. Once <see cref="End"/> says why, nothing more is read.
/// </summary>
internal sealed class SmtpWire : IAsyncDisposable
{
    // For a 421 that is sent when the time is over already.
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);
    private const long MostHeardOut = 16 << 20;

    private readonly IDuplexPipe _transport;
    private readonly TimeProvider _time;
    private readonly TimeSpan _idle;
    private readonly long _began;
    private readonly TimeSpan _sessionDeadline;
    private readonly CancellationToken _drain;
    private readonly CancellationToken _abort;
    private readonly CancellationTokenRegistration _onDrain;
    private readonly CancellationTokenRegistration _onAbort;
    private readonly ITimer _timer;
    private PipeReader _input;
    private PipeWriter _output;
    private SslStream? _tls;
    private TimeSpan _deadline;
    private ReadOnlySequence<byte> _buffered;
    private bool _hasRead;
    private bool _hasReplies;
    private volatile bool _isFlushing;
    private bool _peerReads = true;

    public SmtpWire(IDuplexPipe transport, SmtpOptions options, TimeProvider time, CancellationToken drain, CancellationToken abort)
    {
        (_transport, _time, _idle, _drain, _abort) = (transport, time, options.IdleTimeout, drain, abort);
        (_input, _output) = (transport.Input, transport.Output);
        _began = time.GetTimestamp();
        _sessionDeadline = options.TotalTimeout;
        RestartIdle();
        _timer = time.CreateTimer(static wire => ((SmtpWire)wire!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _onDrain = drain.UnsafeRegister(static wire => ((SmtpWire)wire!)._input.CancelPendingRead(), this);
        _onAbort = abort.UnsafeRegister(static wire => ((SmtpWire)wire!).Wake(), this);
    }

    /// <summary>Read, and not yet consumed.</summary>
    public ReadOnlySequence<byte> Buffered => _buffered;

    public SmtpEndReason? End { get; private set; }

    /// <summary>Since the session began, which deadlines are measured in: a step of the machine's clock ends no session, nor keeps one.</summary>
    private TimeSpan Now => _time.GetElapsedTime(_began);

    /// <summary>The next command, or the next piece of a message, has this long from now; nothing has when the session's time is over, though more may be buffered.</summary>
    public void RestartIdle()
    {
        var now = Now;
        _deadline = now + _idle < _sessionDeadline ? now + _idle : _sessionDeadline;
        if (now >= _sessionDeadline)
            End ??= SmtpEndReason.TimedOut;
    }

    /// <summary>Wipes and forgets what was read up to <paramref name="position"/>.</summary>
    public void Consume(SequencePosition position)
    {
        foreach (var memory in _buffered.Slice(0, position))
            MemoryMarshal.AsMemory(memory).Span.Clear();
        _buffered = _buffered.Slice(position);
    }

    /// <summary>
    /// Waits until more is buffered than now. Replies are flushed when there is nothing to read (RFC 2920 §3.2).
    /// False when the session is over.
    /// </summary>
    /// <param name="insideTransaction">A drain does not interrupt.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> FillAsync(bool insideTransaction)
    {
        if (!insideTransaction)
            HeedDrain();
        if (End is not null)
            return false;
        try
        {
            var before = _buffered.Length;
            Advance(_buffered.End);
            if (!_input.TryRead(out var read))
            {
                if (!await FlushAsync())
                    return false;
                var reading = _input.ReadAsync();
                if (!reading.IsCompleted)
                    ArmTimer(TimeSpan.Zero);
                read = await reading;
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                End = Interruption(insideTransaction); // also of a peer that drips, before any timer would fire
            }
            else if (read.IsCanceled)
            {
                End = Interruption(insideTransaction);
            }
            _buffered = read.Buffer;
            _hasRead = true;
            if (End is null && !read.IsCanceled && read.IsCompleted && _buffered.Length == before)
                End = SmtpEndReason.PeerClosed;
        }
        catch (Exception broken) when (IsBrokenTransport(broken))
        {
            End = SmtpEndReason.PeerClosed;
        }
        return End is null;
    }

    /// <summary>Whether the peer says anything within so long. It is not waited for any longer, nor is silence the session's end.</summary>
    public async ValueTask<bool> HearsWithinAsync(TimeSpan patience)
    {
        _deadline = Now + patience;
        while (_buffered.IsEmpty && await FillAsync(insideTransaction: false))
        {
            // Woken for something that is over.
        }
        if (End == SmtpEndReason.TimedOut)
            End = null;
        return !_buffered.IsEmpty;
    }

    /// <summary>
    /// Before we close on a peer that talks on: reads what comes, for a while, and forgets it. TCP answers unread octets with a reset (RFC 1122
    /// §4.2.2.13), which would take our last reply from whoever has not read it yet.
    /// </summary>
    public async ValueTask HearOutAsync()
    {
        if (_buffered.IsEmpty)
            return;
        _deadline = Now + LastWords;
        var left = MostHeardOut;
        do
        {
            left -= _buffered.Length;
            Consume(_buffered.End);
        }
        while (left > 0 && await FillAsync(insideTransaction: false));
    }

    /// <summary>Ends the session when it is to be drained.</summary>
    public void HeedDrain()
    {
        if (_drain.IsCancellationRequested)
            End ??= SmtpEndReason.Drained;
    }

    public void Write(SmtpReply reply)
    {
        reply.WriteTo(_output);
        _hasReplies = true;
    }

    /// <summary>False when the session is over.</summary>
    public async ValueTask<bool> FlushAsync()
    {
        if (!_hasReplies || !_peerReads)
            return End is null;
        _hasReplies = false;
        _isFlushing = true;
        try
        {
            FlushResult flushed;
            do
            {
                var flushing = _output.FlushAsync();
                if (!flushing.IsCompleted)
                    ArmTimer(LastWords);
                flushed = await flushing;
            }
            while (flushed.IsCanceled && End is null && Interruption(insideTransaction: true) is null);
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (flushed.IsCanceled || flushed.IsCompleted)
            {
                _peerReads = false;
                End ??= Interruption(insideTransaction: true) ?? SmtpEndReason.PeerClosed;
            }
        }
        catch (Exception broken) when (IsBrokenTransport(broken))
        {
            _peerReads = false;
            End ??= SmtpEndReason.PeerClosed;
        }
        _isFlushing = false;
        return End is null;
    }

    /// <summary>
    /// Shakes hands over the same pipe; false when that failed and the session is over. Whatever was buffered must be
    /// known to be nothing: it came in clear (RFC 3207 §4.2).
    /// </summary>
    public async ValueTask<bool> UpgradeAsync(Func<string, SslServerAuthenticationOptions> optionsFor)
    {
        Advance(_buffered.End);
        _hasRead = false;
        var tls = new SslStream(new DuplexPipeStream(_transport));
        var remaining = _deadline - Now;
        using var deadline = new CancellationTokenSource(remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _abort);
        try
        {
            await tls.AuthenticateAsServerAsync((_, hello, _, _) => ValueTask.FromResult(optionsFor(hello.ServerName)), state: null, either.Token);
        }
        catch (Exception broken) when (IsBrokenTransport(broken))
        {
            await tls.DisposeAsync();
            End = _abort.IsCancellationRequested ? SmtpEndReason.Aborted : SmtpEndReason.TlsFailed;
            return false;
        }
        _tls = tls;
        _input = PipeReader.Create(tls, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));
        _output = PipeWriter.Create(tls, new StreamPipeWriterOptions(leaveOpen: true));
        return true;
    }

    public SmtpTls? Tls => _tls is null ? null : new(_tls.SslProtocol, _tls.NegotiatedCipherSuite);

    public async ValueTask DisposeAsync()
    {
        await _onDrain.DisposeAsync();
        await _onAbort.DisposeAsync();
        await _timer.DisposeAsync();
        try
        {
            Consume(_buffered.End);
            Advance(_buffered.End);
            if (_tls is null)
                return;
            await _input.CompleteAsync();
            await _output.CompleteAsync();
            // close_notify, so that the peer can tell an end from a cut (RFC 8446 §6.1).
            if (_peerReads && End is not (SmtpEndReason.PeerClosed or SmtpEndReason.Aborted))
                await _tls.ShutdownAsync();
            await _tls.DisposeAsync();
        }
        catch (Exception broken) when (IsBrokenTransport(broken))
        {
            // The transport is gone, and so is what was to be done with it.
        }
    }

    private void Advance(SequencePosition examined)
    {
        if (_hasRead)
            _input.AdvanceTo(_buffered.Start, examined);
        _hasRead = false;
        _buffered = default;
    }

    private void ArmTimer(TimeSpan atLeast)
    {
        var remaining = _deadline - Now;
        _timer.Change(remaining > atLeast ? remaining : atLeast, Timeout.InfiniteTimeSpan);
    }

    private void Wake()
    {
        if (_isFlushing)
            _output.CancelPendingFlush();
        else
            _input.CancelPendingRead();
    }

    // A wake-up may come late, when what it was for is over: the time and the tokens decide, not the wake-up.
    private SmtpEndReason? Interruption(bool insideTransaction) =>
        _abort.IsCancellationRequested ? SmtpEndReason.Aborted
        : Now >= _deadline ? SmtpEndReason.TimedOut
        : !insideTransaction && _drain.IsCancellationRequested ? SmtpEndReason.Drained
        : null;

    private static bool IsBrokenTransport(Exception exception) =>
        exception is IOException or OperationCanceledException or AuthenticationException or ObjectDisposedException;
}
