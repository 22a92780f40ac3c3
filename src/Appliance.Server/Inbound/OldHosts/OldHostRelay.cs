using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Appliance.Mail.Addresses;
using Appliance.Mail.Smtp;
using Appliance.Mail.Smtp.Client;
using Appliance.Server.Domains;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound.OldHosts;

/// <summary>
/// While a domain moves here, its old mail server is asked about addresses that nobody has here, and gets their mail, all while the sender waits: the sender hears what the old host says, and
/// nothing of the message stays here.
/// </summary>
internal sealed partial class OldHostRelay(IOptions<MxOptions> options, ILogger<OldHostRelay> log)
{
    private const int MostSessions = 50;
    private const int MostSessionsOfClient = 20; // so that nobody keeps the others out

    /// <summary>Received and Authentication-Results, which are put before the message.</summary>
    private const int TraceBytes = 4_096;

    // A sender waits five minutes for the answer to RCPT, and ten for the last one (RFC 5321 §4.5.3.2).
    private static readonly TimeSpan AskDeadline = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan PassDeadline = TimeSpan.FromMinutes(8);

    private static readonly SmtpReply Unreachable = new(451, "4.4.1", "The mail server that still has this mailbox cannot be reached at the moment, try again later", "old host");
    private static readonly SmtpReply Busy = new(451, "4.4.5", "Too much mail is on its way to the server that still has this mailbox, try again later", "old host");
    private static readonly SmtpReply GoesInCircles = new(451, "4.4.6", "The mail server that still has this mailbox sends it back here; postmaster here can mend that", "old host");
    private static readonly SmtpReply NoUtf8 = new(553, "5.6.7", "The mail server that still has this mailbox takes no addresses or headers in UTF-8; write from an ASCII address", "old host");
    private static readonly SmtpReply No8Bit = new(554, "5.6.3", "The mail server that still has this mailbox takes no 8-bit text; send it as quoted-printable", "old host");

    private readonly SessionCounter _sessions = new(MostSessions, MostSessionsOfClient);
    private readonly ConcurrentDictionary<OldHost, bool> _unreachable = new(); // to log each change once

    /// <summary>Asks whether the old host takes mail for a recipient.</summary>
    /// <param name="begun">What was begun there for an earlier recipient of this message.</param>
    /// <returns>The refusal; or the transaction that has the recipient now.</returns>
    public async Task<(SmtpReply? Refusal, OldHostTransaction? Transaction)> AskAsync(
        OldHost host, SmtpPeer peer, SmtpSender sender, SmtpPath recipient, OldHostTransaction? begun, CancellationToken abort)
    {
        using var deadline = Deadline(AskDeadline, abort);
        var transaction = begun;
        var isTaken = false;
        try
        {
            transaction ??= await BeginAsync(host, peer.Remote.Address, deadline.Token);
            if (transaction is null)
                return (Busy, null);
            var refusal = begun is null ? await RefusalOfSenderAsync(transaction, sender, deadline.Token) : null;
            refusal ??= Refusal(transaction, await AnswerAsync(transaction, session => session.RcptAsync(recipient, deadline.Token)));
            isTaken = refusal is null;
            if (refusal != Unreachable && refusal != GoesInCircles && _unreachable.TryRemove(host, out _))
                LogReachable(host);
            return (refusal, isTaken ? transaction : null);
        }
        catch (Exception gone) when (IsGone(gone, abort))
        {
            LogOnce(host, gone);
            return (Unreachable, null);
        }
        finally
        {
            if (!isTaken && begun is null)
                transaction?.Dispose();
        }
    }

    /// <summary>Passes the message on.</summary>
    /// <returns>The old host's word on it; without one, the sender is to try again.</returns>
    public async Task<SmtpReply> PassOnAsync(OldHostTransaction transaction, IReadOnlyList<ReadOnlySequence<byte>> message, CancellationToken abort)
    {
        using var deadline = Deadline(PassDeadline, abort);
        try
        {
            var answer = await AnswerAsync(transaction, session => session.DataAsync(message, deadline.Token));
            return Refusal(transaction, answer) ?? WithEnhanced(answer with { Code = 250 });
        }
        catch (Exception gone) when (IsGone(gone, abort))
        {
            LogOnce(transaction.Host, gone);
            return Unreachable;
        }
    }

    /// <returns>Null: there are too many.</returns>
    private async Task<OldHostTransaction?> BeginAsync(OldHost host, IPAddress client, CancellationToken cancellationToken)
    {
        if (!_sessions.TryEnter(client, mayFill: true))
            return null;
        try
        {
            var session = await SmtpClientSession.OpenAsync(host.EndPoint, options.Value.EffectiveHostName, cancellationToken);
            return new OldHostTransaction(host, session, () => _sessions.Leave(client));
        }
        catch
        {
            _sessions.Leave(client);
            throw;
        }
    }

    private async Task<SmtpReply?> RefusalOfSenderAsync(OldHostTransaction transaction, SmtpSender sender, CancellationToken cancellationToken)
    {
        var session = transaction.Session;
        if (session.ServerName.Equals(options.Value.EffectiveHostName, StringComparison.OrdinalIgnoreCase))
        {
            if (_unreachable.TryAdd(transaction.Host, true))
                LogItself(transaction.Host);
            return GoesInCircles;
        }
        if (sender.IsUtf8 && !session.Has("SMTPUTF8"))
            return NoUtf8;
        if (sender.Is8Bit && !session.Has("8BITMIME"))
            return No8Bit;
        return Refusal(transaction, await AnswerAsync(transaction, _ => session.MailAsync(sender with { DeclaredBytes = sender.DeclaredBytes + TraceBytes }, cancellationToken)));
    }

    private static async Task<SmtpReply> AnswerAsync(OldHostTransaction transaction, Func<SmtpClientSession, Task<SmtpReply>> ask)
    {
        if (transaction.IsBroken)
            throw new IOException("It did not answer before");
        transaction.IsBroken = true;
        var answer = await ask(transaction.Session);
        transaction.IsBroken = answer.Code == 421;
        return answer;
    }

    /// <summary>What to tell the sender when the old host did not agree.</summary>
    private SmtpReply? Refusal(OldHostTransaction transaction, SmtpReply answer)
    {
        switch (answer.Code)
        {
            case >= 200 and < 300:
                return null;
            // It wants something of us, and the sender cannot help it: no syntax of ours, a login, or nothing at all.
            case 421 or 530 or >= 500 and <= 504 or < 400:
                LogOnce(transaction.Host, new IOException($"It answers {answer.Code} {answer.Enhanced}"));
                return Unreachable;
            default:
                return WithEnhanced(answer);
        }
    }

    private static SmtpReply WithEnhanced(SmtpReply answer) => answer with { Enhanced = answer.Enhanced is "" ? $"{answer.Code / 100}.0.0" : answer.Enhanced, Cause = "old host" };

    private static CancellationTokenSource Deadline(TimeSpan time, CancellationToken abort)
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(abort);
        deadline.CancelAfter(time);
        return deadline;
    }

    private static bool IsGone(Exception exception, CancellationToken abort) =>
        exception is IOException or SocketException or AuthenticationException || (exception is OperationCanceledException && !abort.IsCancellationRequested);

    private void LogOnce(OldHost host, Exception gone)
    {
        if (_unreachable.TryAdd(host, true))
            LogUnreachable(host, gone is OperationCanceledException ? "It does not answer in time" : gone.Message);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The old host {Host} of a domain takes no mail from here, and its senders are told to try again: {Reason}. See: appliance domain list")]
    private partial void LogUnreachable(OldHost host, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The old host {Host} answers again")]
    private partial void LogReachable(OldHost host);

    [LoggerMessage(Level = LogLevel.Error, Message = "The old host {Host} of a domain is this appliance itself. Name another, or none: appliance domain add DOMAIN")]
    private partial void LogItself(OldHost host);
}
