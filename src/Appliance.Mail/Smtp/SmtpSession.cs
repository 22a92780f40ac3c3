using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Appliance.Mail.Smtp.Verbs;

namespace Appliance.Mail.Smtp;

/// <summary>One conversation: reads a line, asks the table, runs the verb, answers.</summary>
internal sealed class SmtpSession(SmtpServer server, SmtpWire wire, SmtpPeer peer, ISmtpMailDrop drop, CancellationToken abort) : IDisposable
{
    /// <summary>Commands after which other sessions on the same threads have their turn.</summary>
    private const int MostInTurn = 16;

    private readonly byte[] _line = ArrayPool<byte>.Shared.Rent(server.Options.MaxCommandBytes);
    private readonly List<SmtpRecipient> _recipients = [];
    private SmtpEnd? _end;
    private int _messages;
    private int _commands;
    private int _errors;

    public SmtpServer Server => server;

    public SmtpOptions Options => server.Options;

    public SmtpWire Wire => wire;

    public ISmtpMailDrop Drop => drop;

    public CancellationToken Abort => abort;

    /// <summary>As the listener knows it.</summary>
    public SmtpPeer Connected { get; } = peer;

    public SmtpPeer Peer { get; set; } = peer;

    /// <summary>A proxy has said whose session this is.</summary>
    public bool IsForwarded => Peer.ForwardedHelo is not null || !Peer.Remote.Equals(Connected.Remote);

    public SmtpState State { get; set; } = SmtpState.Connected;

    public SmtpSender? Sender { get; set; }

    public List<SmtpRecipient> Recipients => _recipients;

    /// <summary>Recipients of the transaction that the drop did not take.</summary>
    public int RefusedRecipients { get; set; }

    /// <summary>How often MAIL was said.</summary>
    public int Transactions { get; set; }

    /// <summary>The message that BDAT has begun.</summary>
    public ContentReceiver? Chunks { get; set; }

    public bool CanStartTls => server.Tls is not null && Peer.Tls is null;

    public SmtpReply Greeting => new(220, "", $"{Options.HostName} {(Options.IsLmtp ? "LMTP" : "ESMTP")}");

    /// <summary>Forgets the transaction (RFC 5321 §4.1.1.5).</summary>
    public void Reset()
    {
        Sender = null;
        foreach (var recipient in _recipients)
            (recipient.State as IDisposable)?.Dispose();
        _recipients.Clear();
        RefusedRecipients = 0;
        Chunks?.Dispose();
        Chunks = null;
        if (State != SmtpState.Connected)
            State = SmtpState.Greeted;
    }

    /// <summary>The session is over once the reply at hand is sent.</summary>
    public void End(SmtpEndReason reason, string? cause = null) => _end ??= new SmtpEnd(reason, 0, cause);

    /// <summary>The session is over because the wire is; the answer is what to say, if anything can be said.</summary>
    public SmtpReply? EndWithWire()
    {
        var reason = wire.End ?? SmtpEndReason.PeerClosed;
        End(reason);
        return reason switch
        {
            SmtpEndReason.TimedOut => SmtpReplies.TimedOut,
            SmtpEndReason.Drained => SmtpReplies.ShuttingDown,
            _ => null,
        };
    }

    /// <summary>Whom the operator knows may have all the memory.</summary>
    public ContentReceiver NewContent(bool dotStuffed) =>
        new(Options, server.Budget, dotStuffed, Connected.IsTrusted || Connected.MayForward || Options.IsLmtp ? null : ClientNetwork.SiteOf(Peer.Remote.Address));

    /// <summary>Hands a whole message to the drop; the transaction is over either way.</summary>
    public async ValueTask<SmtpReply> DeliverAsync(ContentReceiver content)
    {
        var reply = content.Complete()
            ?? await drop.DeliverAsync(new SmtpEnvelope(Peer, Sender!, [.. _recipients]), content.Message, abort);
        if (reply.IsPositive)
        {
            _messages++;
            _errors = 0;
        }
        // RFC 2033 §4.2: one reply for each recipient that was accepted. All of them get the message or none does.
        for (var others = Options.IsLmtp ? _recipients.Count - 1 : 0; others > 0; others--)
            wire.Write(reply);
        Reset();
        return reply;
    }

    public async Task<SmtpEnd> RunAsync()
    {
        try
        {
            await GreetAsync();
            while (_end is null)
            {
                var command = await ReadCommandAsync();
                if (command is (var verb, var argument))
                    await AnswerAsync(verb, argument);
                if (_commands % MostInTurn == 0 && SynchronizationContext.Current is not null)
                    await Task.Yield();
            }
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            _end = new SmtpEnd(SmtpEndReason.Aborted, 0);
        }
        // The top of the session: whatever went wrong here may go right later, so the peer is told to come back.
        catch (Exception fault)
        {
            wire.Write(SmtpReplies.LocalError);
            _end = new SmtpEnd(SmtpEndReason.Fault, 0, fault.GetType().Name, fault);
        }
        // Who talks before the greeting hears no reply anyway.
        if (await wire.FlushAsync() && _end.Reason != SmtpEndReason.TalkedFirst)
            await wire.HearOutAsync();
        return _end with { Messages = _messages, Tls = Peer.Tls };
    }

    public void Dispose()
    {
        Reset();
        CryptographicOperations.ZeroMemory(_line);
        ArrayPool<byte>.Shared.Return(_line);
    }

    private async ValueTask GreetAsync()
    {
        var waits = Options.GreetingDelay > TimeSpan.Zero && !Options.IsLmtp && !Peer.IsTrusted;
        if (waits && await wire.HearsWithinAsync(Options.GreetingDelay))
            Close(SmtpReplies.TalksFirst, SmtpEndReason.TalkedFirst);
        else if (wire.End is null)
            wire.Write(Greeting);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(SmtpVerb, ReadOnlyMemory<byte>)?> ReadCommandAsync()
    {
        wire.RestartIdle();
        // A transaction that is open may come to its end; whatever was sent behind it begins no other.
        var isInTransaction = State >= SmtpState.HasSender;
        if (!isInTransaction)
            wire.HeedDrain();
        while (wire.End is null)
        {
            switch (CommandLine.TryRead(wire.Buffered, Options.MaxCommandBytes, out var line, out var next))
            {
                case CommandLineStatus.Complete:
                    line.CopyTo(_line);
                    var length = (int)line.Length;
                    wire.Consume(next);
                    return Split(_line.AsMemory(0, length));

                case CommandLineStatus.TooLong:
                    Close(SmtpReplies.LineTooLong, SmtpEndReason.Violation);
                    return null;

                case CommandLineStatus.NotCrlf:
                    Close(SmtpReplies.LineNotCrlf, SmtpEndReason.Violation);
                    return null;

                default:
                    await wire.FillAsync(isInTransaction);
                    break;
            }
        }
        if (EndWithWire() is { } lastWords)
            wire.Write(lastWords);
        return null;
    }

    private void Close(SmtpReply reply, SmtpEndReason reason)
    {
        wire.Write(reply);
        End(reason);
    }

    private static (SmtpVerb, ReadOnlyMemory<byte>) Split(ReadOnlyMemory<byte> line)
    {
        var space = line.Span.IndexOf((byte)' ');
        var word = space < 0 ? line : line[..space];
        var argument = space < 0 ? default : line[(space + 1)..];
        return (SmtpVerbs.Recognise(word.Span), argument.Trim((byte)' '));
    }

    private async ValueTask AnswerAsync(SmtpVerb verb, ReadOnlyMemory<byte> argument)
    {
        if (++_commands > Options.MaxCommands)
        {
            Close(SmtpReplies.TooManyCommands, SmtpEndReason.TooManyCommands);
            return;
        }
        var refusal = SmtpOrder.Refusal(State, verb);
        // A chunk follows its command whatever the answer: BDAT is told, so that it can skip it (RFC 3030 §2).
        var reply = verb == SmtpVerb.Bdat ? await Bdat.RunAsync(this, argument, refusal)
            : refusal ?? await RunAsync(verb, argument);
        CryptographicOperations.ZeroMemory(_line.AsSpan(0, Options.MaxCommandBytes));
        if (reply is null)
            return;
        wire.Write(reply);
        if (!reply.IsPositive)
            drop.Refused(verb, reply);
        if (reply.Code == 421)
            End(SmtpEndReason.Refused, reply.Cause);
        else if (reply.IsPermanent && ++_errors >= Options.MaxErrors && _end is null)
            Close(SmtpReplies.TooManyErrors, SmtpEndReason.TooManyErrors);
        if (!verb.MayHoldReply())
            await wire.FlushAsync();
    }

    /// <summary>Null when the verb has answered already, or when nobody is left to hear it.</summary>
    private ValueTask<SmtpReply?> RunAsync(SmtpVerb verb, ReadOnlyMemory<byte> argument) => verb switch
    {
        // RFC 2033 §4.1: each protocol has its own greeting, so that neither is taken for the other.
        SmtpVerb.Helo or SmtpVerb.Ehlo when !Options.IsLmtp => new(Hello.Run(this, verb, argument.Span)),
        SmtpVerb.Lhlo when Options.IsLmtp => new(Hello.Run(this, verb, argument.Span)),
        SmtpVerb.StartTls => StartTls.RunAsync(this, argument),
        SmtpVerb.Mail => Verbs.Mail.RunAsync(this, argument),
        SmtpVerb.Rcpt => Rcpt.RunAsync(this, argument),
        SmtpVerb.Data => Data.RunAsync(this, argument),
        SmtpVerb.Rset => new(Rset.Run(this, argument.Span)),
        SmtpVerb.Noop => new(SmtpReplies.Ok), // RFC 5321 §4.1.1.9: its argument is ignored
        SmtpVerb.Vrfy => new(Vrfy.Run(argument.Span)),
        SmtpVerb.Expn => new(SmtpReplies.NotImplemented), // RFC 5321 §7.3: lists are nobody's business
        SmtpVerb.Help => new(SmtpReplies.Help),
        SmtpVerb.Quit => new(Quit.Run(this, argument.Span)),
        SmtpVerb.XClient => new(XClient.Run(this, argument.Span)),
        _ => new(SmtpReplies.UnknownCommand),
    };
}
