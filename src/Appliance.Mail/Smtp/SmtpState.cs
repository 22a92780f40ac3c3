namespace Appliance.Mail.Smtp;

/// <summary>How far the conversation has come.</summary>
internal enum SmtpState
{
    /// <summary>Nothing but our greeting was said, or TLS has just begun.</summary>
    Connected,
    /// <summary>EHLO or HELO was said; no transaction is open.</summary>
    Greeted,
    /// <summary>MAIL was accepted.</summary>
    HasSender,
    /// <summary>So was at least one RCPT.</summary>
    HasRecipients,
    /// <summary>BDAT has begun the message.</summary>
    InChunks,
}

/// <summary>Which command may come when (RFC 5321 §4.1.4, RFC 3030 §2, RFC 3207 §4).</summary>
internal static class SmtpOrder
{
    private const SmtpReply? Run = null;
    private static readonly SmtpReply
        Hello = SmtpReplies.HelloFirst, Mail = SmtpReplies.MailFirst, Rcpt = SmtpReplies.NoRecipients,
        Open = SmtpReplies.InTransaction, Chunk = SmtpReplies.InChunks;

    private static readonly SmtpReply?[,] Table =
    {
        //             Connected  Greeted  HasSender  HasRecipients  InChunks
        /* Helo     */ { Run,     Run,     Run,       Run,           Run },
        /* Ehlo     */ { Run,     Run,     Run,       Run,           Run },
        /* Lhlo     */ { Run,     Run,     Run,       Run,           Run },
        /* StartTls */ { Hello,   Run,     Open,      Open,          Open },
        /* Mail     */ { Hello,   Run,     Open,      Open,          Open },
        /* Rcpt     */ { Hello,   Mail,    Run,       Run,           Chunk },
        /* Data     */ { Hello,   Mail,    Rcpt,      Run,           Chunk },
        /* Bdat     */ { Hello,   Mail,    Rcpt,      Run,           Run },
        /* Rset     */ { Run,     Run,     Run,       Run,           Run },
        /* Noop     */ { Run,     Run,     Run,       Run,           Run },
        /* Vrfy     */ { Run,     Run,     Run,       Run,           Run },
        /* Expn     */ { Run,     Run,     Run,       Run,           Run },
        /* Help     */ { Run,     Run,     Run,       Run,           Run },
        /* Quit     */ { Run,     Run,     Run,       Run,           Run },
        /* XClient  */ { Run,     Run,     Open,      Open,          Open },
        /* Unknown  */ { Run,     Run,     Run,       Run,           Run },
    };

    /// <summary>Null when the command may run.</summary>
    public static SmtpReply? Refusal(SmtpState state, SmtpVerb verb) => Table[(int)verb, (int)state];
}
