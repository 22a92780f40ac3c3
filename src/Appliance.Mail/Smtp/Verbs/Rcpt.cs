using Appliance.Mail.Addresses;

namespace Appliance.Mail.Smtp.Verbs;

/// <summary>RCPT (RFC 5321 §4.1.1.3). It takes no parameters, since no extension of ours has one for it.</summary>
internal static class Rcpt
{
    public static async ValueTask<SmtpReply?> RunAsync(SmtpSession session, ReadOnlyMemory<byte> argument)
    {
        if (TryRead(session, argument.Span, out var refusal) is not { } path)
            return refusal;
        // §4.5.3.1.10; a client sends the rest in another transaction.
        if (session.Recipients.Count >= session.Options.MaxRecipients)
            return SmtpReplies.TooManyRecipients;
        var (reply, state) = await session.Drop.RecipientAsync(session.Peer, session.Sender!, path, session.Recipients, session.RefusedRecipients, session.Abort);
        if (reply.IsPositive)
        {
            session.Recipients.Add(new SmtpRecipient(path, state));
            session.State = SmtpState.HasRecipients;
        }
        else
        {
            session.RefusedRecipients++;
        }
        return reply;
    }

    private static SmtpPath? TryRead(SmtpSession session, ReadOnlySpan<byte> argument, out SmtpReply? refusal)
    {
        refusal = SmtpReplies.RcptSyntax;
        if (argument.Length < 3 || !SmtpParameters.Is(argument[..3], "TO:"))
            return null;
        argument = argument[3..].TrimStart((byte)' ');
        if (argument.IsEmpty || argument[0] != '<')
            return null;
        refusal = SmtpReplies.BadRecipientAddress;
        if (!SmtpPath.TryParseForward(argument, out var path, out var length, out _))
            return null;
        var parameters = new SmtpParameters(argument[length..]);
        refusal = parameters.TryNext(out _, out _) ? SmtpReplies.UnknownParameter
            : parameters.IsMalformed ? SmtpReplies.BadParameter
            : path.IsAscii || session.Sender!.IsUtf8 ? null
            : SmtpReplies.NeedsSmtpUtf8;
        return refusal is null ? path : null;
    }
}
