using System.Buffers.Text;
using Appliance.Mail.Addresses;

namespace Appliance.Mail.Smtp.Verbs;

/// <summary>MAIL (RFC 5321 §4.1.1.2) with SIZE (RFC 1870), BODY (RFC 6152) and SMTPUTF8 (RFC 6531).</summary>
internal static class Mail
{
    public static async ValueTask<SmtpReply?> RunAsync(SmtpSession session, ReadOnlyMemory<byte> argument)
    {
        // RFC 9422 §4.1 counts those that fail too.
        if (++session.Transactions > session.Options.MaxTransactions)
            return SmtpReplies.TooManyTransactions;
        if (session.IsForwarded)
            session.Peer = session.Peer with { MayForward = false };
        if (TryRead(session, argument.Span, out var refusal) is not { } sender)
            return refusal;
        var reply = await session.Drop.SenderAsync(session.Peer, sender, session.Abort);
        if (reply.IsPositive)
        {
            session.Sender = sender;
            session.State = SmtpState.HasSender;
        }
        return reply;
    }

    private static SmtpSender? TryRead(SmtpSession session, ReadOnlySpan<byte> argument, out SmtpReply? refusal)
    {
        refusal = SmtpReplies.MailSyntax;
        if (argument.Length < 5 || !SmtpParameters.Is(argument[..5], "FROM:"))
            return null;
        // The grammar has no space behind the colon; too many devices write one.
        argument = argument[5..].TrimStart((byte)' ');
        if (argument.IsEmpty || argument[0] != '<')
            return null;
        refusal = SmtpReplies.BadSenderAddress;
        if (!SmtpPath.TryParseReverse(argument, out var path, out var length, out _))
            return null;
        refusal = ReadParameters(session, argument[length..], path, out var sender);
        return refusal is null ? sender : null;
    }

    private static SmtpReply? ReadParameters(SmtpSession session, ReadOnlySpan<byte> text, SmtpPath path, out SmtpSender sender)
    {
        sender = new SmtpSender(path);
        var hasBody = false;
        var parameters = new SmtpParameters(text);
        while (parameters.TryNext(out var keyword, out var value))
        {
            // Parameters belong to the extensions, and HELO asked for none.
            if (!session.Peer.IsExtended)
                return SmtpReplies.UnknownParameter;
            if (SmtpParameters.Is(keyword, "SIZE"))
            {
                if (sender.DeclaredBytes is not null || !IsDigits(value, 20))
                    return SmtpReplies.BadParameter;
                if (!Utf8Parser.TryParse(value, out long size, out _) || size > session.Options.MaxMessageBytes)
                    return SmtpReplies.MessageTooLarge;
                if (!session.Server.Budget.HasRoomFor(size))
                    return SmtpReplies.NoMemory;
                sender = sender with { DeclaredBytes = size };
            }
            else if (SmtpParameters.Is(keyword, "BODY"))
            {
                if (hasBody)
                    return SmtpReplies.BadParameter;
                hasBody = true;
                if (SmtpParameters.Is(value, "8BITMIME"))
                    sender = sender with { Is8Bit = true };
                else if (SmtpParameters.Is(value, "BINARYMIME")) // RFC 3030 §3; not announced
                    return SmtpReplies.UnknownParameter;
                else if (!SmtpParameters.Is(value, "7BIT"))
                    return SmtpReplies.BadParameter;
            }
            else if (SmtpParameters.Is(keyword, "SMTPUTF8"))
            {
                if (sender.IsUtf8 || !value.IsEmpty)
                    return SmtpReplies.BadParameter;
                sender = sender with { IsUtf8 = true };
            }
            else
            {
                return SmtpReplies.UnknownParameter;
            }
        }
        if (parameters.IsMalformed)
            return SmtpReplies.BadParameter;
        return path.IsAscii || sender.IsUtf8 ? null : SmtpReplies.NeedsSmtpUtf8;
    }

    private static bool IsDigits(ReadOnlySpan<byte> value, int most) =>
        !value.IsEmpty && value.Length <= most && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9');
}
