using System.Globalization;
using System.Text;
using Appliance.Mail.Smtp;

namespace Appliance.Mail.Tests.Smtp;

/// <summary>
/// A conversation written down, one file each in <c>transcripts</c>:
/// <code>
/// # a comment
/// ! max-message 100         a limit for this one: max-message, max-recipients, max-errors, max-transactions, max-commands, budget
/// S: 220…                   the server says so; … stands for the rest of the reply, further lines included
/// C: EHLO client\x20\r      the client does; CRLF is added unless the line ends in \c
/// = 37 &lt;a@x&gt; &lt;b@y&gt;       a message is kept: octets, sender, recipients
/// </code>
/// Escapes in C lines: <c>\r \n \t \\ \xHH</c> and <c>\*N(text)</c>, the text N times.
/// </summary>
internal sealed record Transcript(SmtpOptions Options, long Budget, IReadOnlyList<TranscriptLine> Lines)
{
    public static IEnumerable<string> Names =>
        Directory.EnumerateFiles(Folder, "*.smtp").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Smtp", "transcripts");

    public static Transcript Load(string name)
    {
        var options = new SmtpOptions { HostName = "mx.example.test" };
        var budget = 1L << 28;
        var lines = new List<TranscriptLine>();
        foreach (var line in File.ReadAllLines(Path.Combine(Folder, name + ".smtp")))
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (line[0] != '!')
            {
                lines.Add(TranscriptLine.Parse(line));
                continue;
            }
            var words = line.Split(' ');
            var value = int.Parse(words[2], CultureInfo.InvariantCulture);
            switch (words[1])
            {
                case "max-message": options = options with { MaxMessageBytes = value }; break;
                case "max-recipients": options = options with { MaxRecipients = value }; break;
                case "max-errors": options = options with { MaxErrors = value }; break;
                case "max-transactions": options = options with { MaxTransactions = value }; break;
                case "max-commands": options = options with { MaxCommands = value }; break;
                case "lmtp": options = options with { IsLmtp = value == 1 }; break;
                case "budget": budget = value; break;
                default: throw new FormatException($"{name}: {line}");
            }
        }
        return new Transcript(options, budget, lines);
    }

    public byte[] AllClientOctets => [.. Lines.Where(line => line.Kind == 'C').SelectMany(line => line.Octets)];
}

internal sealed record TranscriptLine(char Kind, string Text, byte[] Octets)
{
    public static TranscriptLine Parse(string line) => line switch
    {
        ['C', ':', ' ', .. var text] => new('C', text, Unescape(text)),
        ['S', ':', ' ', .. var text] => new('S', text, []),
        ['=', ' ', .. var text] => new('=', text, []),
        _ => throw new FormatException(line),
    };

    private static byte[] Unescape(string text)
    {
        var octets = new List<byte>();
        var at = 0;
        while (at < text.Length)
        {
            if (text[at] != '\\')
            {
                var rune = Rune.GetRuneAt(text, at);
                octets.AddRange(Encoding.UTF8.GetBytes(rune.ToString()));
                at += rune.Utf16SequenceLength;
                continue;
            }
            at += 2;
            switch (text[at - 1])
            {
                case 'r': octets.Add((byte)'\r'); break;
                case 'n': octets.Add((byte)'\n'); break;
                case 't': octets.Add((byte)'\t'); break;
                case '\\': octets.Add((byte)'\\'); break;
                case 'c' when at == text.Length: return [.. octets];
                case 'x':
                    octets.Add(byte.Parse(text.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                    at += 2;
                    break;
                case '*':
                    var open = text.IndexOf('(', at);
                    var close = text.IndexOf(')', at);
                    var piece = Encoding.UTF8.GetBytes(text[(open + 1)..close]);
                    for (var i = int.Parse(text.AsSpan(at, open - at), CultureInfo.InvariantCulture); i > 0; i--)
                        octets.AddRange(piece);
                    at = close + 1;
                    break;
                default: throw new FormatException(text);
            }
        }
        octets.AddRange("\r\n"u8);
        return [.. octets];
    }
}
