using System.Buffers;

namespace Appliance.Mail.Smtp;

internal enum CommandLineStatus
{
    Complete,
    /// <summary>Its end is not here yet.</summary>
    Incomplete,
    TooLong,
    /// <summary>A CR or LF that is not half of a CRLF (RFC 5321 §2.3.8).</summary>
    NotCrlf,
}

internal static class CommandLine
{
    /// <summary>Finds the first line of what was read. The answer depends on the octets alone, not on their pieces.</summary>
    /// <param name="buffer">What was read.</param>
    /// <param name="maxOctets">CRLF included.</param>
    /// <param name="line">Without CRLF.</param>
    /// <param name="next">The octet after CRLF.</param>
    public static CommandLineStatus TryRead(
        ReadOnlySequence<byte> buffer, int maxOctets, out ReadOnlySequence<byte> line, out SequencePosition next)
    {
        next = default;
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadToAny(out line, "\r\n"u8, advancePastDelimiter: false))
            return buffer.Length > maxOctets ? CommandLineStatus.TooLong : CommandLineStatus.Incomplete;
        if (line.Length + 2 > maxOctets)
            return CommandLineStatus.TooLong;
        reader.TryRead(out var first);
        if (first == '\n')
            return CommandLineStatus.NotCrlf;
        if (!reader.TryRead(out var second))
            return CommandLineStatus.Incomplete;
        next = reader.Position;
        return second == '\n' ? CommandLineStatus.Complete : CommandLineStatus.NotCrlf;
    }
}
