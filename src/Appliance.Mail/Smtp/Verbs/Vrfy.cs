namespace Appliance.Mail.Smtp.Verbs;

/// <summary>VRFY (RFC 5321 §3.5.3, §7.3): the same answer whoever is asked for, so that nobody learns who is here.</summary>
internal static class Vrfy
{
    public static SmtpReply Run(ReadOnlySpan<byte> argument) =>
        argument.IsEmpty ? SmtpReplies.VrfyNeedsName : SmtpReplies.CannotVerify;
}
