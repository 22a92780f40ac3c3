namespace Appliance.Mail.Smtp.Verbs;

/// <summary>DATA (RFC 5321 §4.1.1.4): reads up to CRLF.CRLF, whatever is wrong with the message, then delivers it.</summary>
internal static class Data
{
    public static async ValueTask<SmtpReply?> RunAsync(SmtpSession session, ReadOnlyMemory<byte> argument)
    {
        if (!argument.IsEmpty)
            return SmtpReplies.NoArgumentsTaken;
        var wire = session.Wire;
        wire.Write(SmtpReplies.StartMailInput);
        if (!await wire.FlushAsync())
            return session.EndWithWire();

        using var content = session.NewContent(dotStuffed: true);
        while (true)
        {
            Receive(wire, content);
            if (content.HasEnded)
                return await session.DeliverAsync(content);
            if (content.IsBeyondPatience)
            {
                session.End(SmtpEndReason.Violation, "Far over the size limit");
                return SmtpReplies.MessageTooLarge;
            }
            wire.RestartIdle();
            if (!await wire.FillAsync(insideTransaction: true))
                return session.EndWithWire();
        }
    }

    private static void Receive(SmtpWire wire, ContentReceiver content)
    {
        var buffered = wire.Buffered;
        var taken = 0L;
        foreach (var piece in buffered)
        {
            taken += content.Receive(piece.Span);
            if (content.HasEnded)
                break;
        }
        wire.Consume(buffered.GetPosition(taken));
    }
}
