using System.Buffers;
using System.Text;

namespace Appliance.Mail.Smtp;

/// <summary>
/// One answer of the server: a code (RFC 5321 §4.2), an enhanced status (RFC 3463; empty where RFC 2034 §4 has
/// none) and a text that anybody may read. <see cref="Cause"/> is ours: it may reach a log, never the wire.
/// </summary>
/// <param name="Code">Three digits.</param>
/// <param name="Enhanced">Such as <c>5.1.1</c>, or empty.</param>
/// <param name="Text">ASCII; a line feed starts a further line of the reply, anything else unprintable is sent as <c>?</c>.</param>
/// <param name="Cause">Why, for the operator; without addresses.</param>
public sealed record SmtpReply(int Code, string Enhanced, string Text, string? Cause = null)
{
    // RFC 5321 §4.5.3.1.5: 512 octets a reply line, code and CRLF included.
    private const int MaxTextOctets = 480;

    /// <summary>2xx and 3xx.</summary>
    public bool IsPositive => Code < 400;

    /// <summary>4xx: the same command may succeed later.</summary>
    public bool IsTransient => Code is >= 400 and < 500;

    /// <summary>5xx.</summary>
    public bool IsPermanent => Code >= 500;

    internal void WriteTo(IBufferWriter<byte> output)
    {
        var rest = Text.AsSpan();
        bool last;
        do
        {
            var end = rest.IndexOf('\n');
            last = end < 0;
            WriteLine(output, last ? rest : rest[..end], last);
            rest = last ? default : rest[(end + 1)..];
        }
        while (!last);
    }

    private void WriteLine(IBufferWriter<byte> output, ReadOnlySpan<char> text, bool last)
    {
        if (text.Length > MaxTextOctets)
            text = text[..MaxTextOctets];
        var line = output.GetSpan(4 + Enhanced.Length + 1 + text.Length + 2);
        line[0] = (byte)('0' + Code / 100);
        line[1] = (byte)('0' + Code / 10 % 10);
        line[2] = (byte)('0' + Code % 10);
        line[3] = last ? (byte)' ' : (byte)'-';
        var at = 4;
        if (Enhanced.Length > 0)
        {
            at += Encoding.ASCII.GetBytes(Enhanced, line[at..]);
            line[at++] = (byte)' ';
        }
        foreach (var c in text)
            line[at++] = c is >= ' ' and <= '~' ? (byte)c : (byte)'?';
        line[at++] = (byte)'\r';
        line[at++] = (byte)'\n';
        output.Advance(at);
    }
}
