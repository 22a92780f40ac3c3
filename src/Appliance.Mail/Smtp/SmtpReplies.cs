namespace Appliance.Mail.Smtp;

/// <summary>What the engine itself says. The mail drop has its own answers to senders, recipients and messages.</summary>
internal static class SmtpReplies
{
    public static readonly SmtpReply Ok = new(250, "2.0.0", "OK");
    public static readonly SmtpReply Bye = new(221, "2.0.0", "Bye");
    public static readonly SmtpReply ReadyForTls = new(220, "2.0.0", "Ready to start TLS");
    public static readonly SmtpReply StartMailInput = new(354, "", "End data with <CR><LF>.<CR><LF>");

    // RFC 5321 §3.5.3 and §7.3: neither confirm nor deny.
    public static readonly SmtpReply CannotVerify = new(252, "2.5.2", "Cannot verify, but will take a message and try");
    public static readonly SmtpReply Help = new(214, "2.0.0", "See RFC 5321; mail to postmaster reaches a person");

    public static readonly SmtpReply UnknownCommand = new(500, "5.5.1", "Command not recognized");
    public static readonly SmtpReply NotImplemented = new(502, "5.5.1", "Command not implemented");
    public static readonly SmtpReply NoArgumentsTaken = new(501, "5.5.4", "This command takes no arguments");
    public static readonly SmtpReply HelloNeedsName = new(501, "5.5.4", "Give your host name or address literal");
    public static readonly SmtpReply VrfyNeedsName = new(501, "5.5.4", "Say whom to verify");
    public static readonly SmtpReply MailSyntax = new(501, "5.5.2", "Write MAIL FROM:<address> [parameters]");
    public static readonly SmtpReply RcptSyntax = new(501, "5.5.2", "Write RCPT TO:<address>");
    public static readonly SmtpReply BdatSyntax = new(501, "5.5.4", "Write BDAT size [LAST]");
    public static readonly SmtpReply BadSenderAddress = new(501, "5.1.7", "The sender's address is not valid");
    public static readonly SmtpReply BadRecipientAddress = new(501, "5.1.3", "The recipient's address is not valid");
    public static readonly SmtpReply NeedsSmtpUtf8 = new(553, "5.6.7", "This address needs SMTPUTF8");
    public static readonly SmtpReply BadParameter = new(501, "5.5.4", "A parameter is written wrongly or twice");
    public static readonly SmtpReply UnknownParameter = new(555, "5.5.4", "A parameter is not recognized");

    public static readonly SmtpReply HelloFirst = new(503, "5.5.1", "Say EHLO first (LHLO where LMTP is spoken)");
    public static readonly SmtpReply MailFirst = new(503, "5.5.1", "MAIL comes first");
    public static readonly SmtpReply NoRecipients = new(554, "5.5.1", "No valid recipients");
    public static readonly SmtpReply InTransaction = new(503, "5.5.1", "A mail transaction is open");
    public static readonly SmtpReply InChunks = new(503, "5.5.1", "The message has begun with BDAT; go on with BDAT or RSET");
    public static readonly SmtpReply TlsUnavailable = new(502, "5.5.1", "TLS is not available");
    public static readonly SmtpReply TlsActive = new(503, "5.5.1", "TLS is active already");

    public static readonly SmtpReply TooManyRecipients = new(452, "4.5.3", "Too many recipients; send the rest in another transaction");
    public static readonly SmtpReply MessageTooLarge = new(552, "5.3.4", "The message is larger than this host takes");
    public static readonly SmtpReply NoMemory = new(452, "4.3.1", "Too much mail at once, try again later");
    public static readonly SmtpReply BareLineEnd = new(550, "5.6.0", "The message has a CR or LF outside of a CRLF pair");

    public static readonly SmtpReply TalksFirst = new(554, "5.7.0", "You talked before the greeting; wait for it, then try again");
    public static readonly SmtpReply LineTooLong = new(500, "5.5.2", "Line too long, closing");
    public static readonly SmtpReply LineNotCrlf = new(500, "5.5.2", "Commands end with CRLF and hold no other CR or LF, closing");
    public static readonly SmtpReply ShuttingDown = new(421, "4.3.2", "Shutting down, try again later");
    public static readonly SmtpReply TimedOut = new(421, "4.4.2", "Timed out, closing");
    public static readonly SmtpReply TooManyErrors = new(421, "4.7.0", "Too many errors, closing");
    public static readonly SmtpReply TooManyCommands = new(421, "4.7.0", "Too many commands, closing");
    public static readonly SmtpReply TooManyTransactions = new(421, "4.7.0", "That was all for one session; send the rest in another");
    public static readonly SmtpReply LocalError = new(421, "4.3.0", "Local error, try again later");

    public static SmtpReply ChunkTaken(long octets) => new(250, "2.0.0", $"{octets} octets received");
}
