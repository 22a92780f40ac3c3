using System.Text;

namespace Appliance.Mail.Smtp;

public enum SmtpVerb
{
    Helo,
    Ehlo,
    /// <summary>LMTP's EHLO.</summary>
    Lhlo,
    StartTls,
    Mail,
    Rcpt,
    Data,
    Bdat,
    Rset,
    Noop,
    Vrfy,
    Expn,
    Help,
    Quit,
    XClient,
    /// <summary>A word we do not know, or one that we know and do not offer.</summary>
    Unknown,
}

internal static class SmtpVerbs
{
    private static readonly (string Word, SmtpVerb Verb)[] Words =
    [
        ("MAIL", SmtpVerb.Mail), ("RCPT", SmtpVerb.Rcpt), ("DATA", SmtpVerb.Data), ("BDAT", SmtpVerb.Bdat),
        ("EHLO", SmtpVerb.Ehlo), ("LHLO", SmtpVerb.Lhlo), ("HELO", SmtpVerb.Helo), ("STARTTLS", SmtpVerb.StartTls), ("RSET", SmtpVerb.Rset),
        ("QUIT", SmtpVerb.Quit), ("NOOP", SmtpVerb.Noop), ("VRFY", SmtpVerb.Vrfy), ("EXPN", SmtpVerb.Expn), ("HELP", SmtpVerb.Help), ("XCLIENT", SmtpVerb.XClient),
    ];

    /// <summary>Verbs are not case sensitive (RFC 5321 §2.4).</summary>
    public static SmtpVerb Recognise(ReadOnlySpan<byte> word)
    {
        foreach (var (text, verb) in Words)
        {
            if (Ascii.EqualsIgnoreCase(word, text))
                return verb;
        }
        return SmtpVerb.Unknown;
    }

    /// <summary>
    /// Replies to these may wait for those that follow (RFC 2920 §3.2); all others are sent at once.
    /// </summary>
    public static bool MayHoldReply(this SmtpVerb verb) => verb is SmtpVerb.Mail or SmtpVerb.Rcpt or SmtpVerb.Rset or SmtpVerb.Bdat;
}
