using System.Buffers.Text;

namespace Appliance.Mail.Smtp.Verbs;

/// <summary>
/// BDAT (RFC 3030 §2). A chunk follows its command whether that is refused or not, so it is always read; a command
/// whose chunk's size is not known, or is far over the limit, ends the session.
/// </summary>
internal static class Bdat
{
    /// <param name="session">The session.</param>
    /// <param name="argument">Size, and perhaps LAST.</param>
    /// <param name="refusal">What the order of commands has against it.</param>
    public static async ValueTask<SmtpReply?> RunAsync(SmtpSession session, ReadOnlyMemory<byte> argument, SmtpReply? refusal)
    {
        if (!TryRead(argument.Span, out var size, out var isLast))
        {
            session.End(SmtpEndReason.Violation, "BDAT without a size");
            return SmtpReplies.BdatSyntax;
        }
        if (size > session.Options.MaxReadBytes)
        {
            session.End(SmtpEndReason.Violation, "Far over the size limit");
            return SmtpReplies.MessageTooLarge;
        }

        var content = refusal is null
            ? session.Chunks ??= session.NewContent(dotStuffed: false)
            : null;
        if (!await ReceiveAsync(session.Wire, content, size))
            return session.EndWithWire();
        if (content is null)
            return refusal;
        if (isLast)
        {
            content.Finish();
            return await session.DeliverAsync(content);
        }
        if (content.Refusal is { } spoiled)
        {
            session.Reset();
            return spoiled;
        }
        session.State = SmtpState.InChunks;
        return SmtpReplies.ChunkTaken(size);
    }

    private static async ValueTask<bool> ReceiveAsync(SmtpWire wire, ContentReceiver? content, long size)
    {
        while (true)
        {
            var chunk = wire.Buffered;
            if (chunk.Length > size)
                chunk = chunk.Slice(0, size);
            if (content is not null)
            {
                foreach (var piece in chunk)
                    content.Receive(piece.Span);
            }
            size -= chunk.Length;
            wire.Consume(chunk.End);
            if (size == 0)
                return true;
            wire.RestartIdle();
            if (!await wire.FillAsync(insideTransaction: true))
                return false;
        }
    }

    // bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ] CR LF
    private static bool TryRead(ReadOnlySpan<byte> argument, out long size, out bool isLast)
    {
        var space = argument.IndexOf((byte)' ');
        isLast = space > 0;
        var digits = isLast ? argument[..space] : argument;
        size = 0;
        if (isLast && !SmtpParameters.Is(argument[space..].TrimStart((byte)' '), "LAST"))
            return false;
        if (digits.IsEmpty || digits.Length > 20 || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        if (!Utf8Parser.TryParse(digits, out size, out _))
            size = long.MaxValue;
        return true;
    }
}
