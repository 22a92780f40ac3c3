namespace Appliance.Mail.Smtp.Verbs;

/// <summary>RSET (RFC 5321 §4.1.1.5).</summary>
internal static class Rset
{
    public static SmtpReply Run(SmtpSession session, ReadOnlySpan<byte> argument)
    {
        if (!argument.IsEmpty)
            return SmtpReplies.NoArgumentsTaken;
        session.Reset();
        return SmtpReplies.Ok;
    }
}
