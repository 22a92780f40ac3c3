namespace Appliance.Mail.Smtp.Verbs;

/// <summary>QUIT (RFC 5321 §4.1.1.10).</summary>
internal static class Quit
{
    public static SmtpReply Run(SmtpSession session, ReadOnlySpan<byte> argument)
    {
        if (!argument.IsEmpty)
            return SmtpReplies.NoArgumentsTaken;
        session.End(SmtpEndReason.Quit);
        return SmtpReplies.Bye;
    }
}
