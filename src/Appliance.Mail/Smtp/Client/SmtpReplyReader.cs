using System.Text;

namespace Appliance.Mail.Smtp.Client;

/// <summary>Reads a server's replies (RFC 5321 §4.2, RFC 2034), within bounds; what is none is an <see cref="IOException"/>.</summary>
internal sealed class SmtpReplyReader(Stream stream)
{
    // Twice and more what RFC 5321 §4.5.3.1.5 allows.
    private const int MostLineOctets = 2_000;
    private const int MostLines = 100;

    private readonly byte[] _buffer = new byte[MostLineOctets];
    private int _start;
    private int _end;

    /// <summary>Something was read behind the last reply.</summary>
    public bool HasMore => _start < _end;

    /// <returns>Its lines are divided by line feeds; an enhanced code is that of the first line, and taken out of all.</returns>
    public async Task<SmtpReply> ReadAsync(CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        var (code, enhanced) = (0, "");
        while (lines.Count < MostLines)
        {
            var line = await ReadLineAsync(cancellationToken);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), out var number) || number is < 200 or > 599
                || (line.Length > 3 && line[3] is not (' ' or '-')) || (code != 0 && number != code))
            {
                throw new IOException("It answers with something that is no SMTP reply");
            }
            code = number;
            var text = line.Length > 4 ? line[4..] : "";
            if (EnhancedOf(text, code) is { Length: > 0 } found)
            {
                enhanced = lines.Count == 0 ? found : enhanced;
                text = text[found.Length..].TrimStart(' ');
            }
            lines.Add(text);
            if (line.Length == 3 || line[3] == ' ')
                return new SmtpReply(code, enhanced, string.Join('\n', lines));
        }
        throw new IOException("Its answer does not come to an end");
    }

    /// <summary>class "." subject "." detail, the class as the code's (RFC 2034 §4); empty when there is none.</summary>
    private static string EnhancedOf(string text, int code)
    {
        var word = text.Split(' ', 2)[0];
        return word.Split('.') is [[var kind], { Length: >= 1 and <= 3 } subject, { Length: >= 1 and <= 3 } detail] && kind == '0' + code / 100
            && subject.All(char.IsAsciiDigit) && detail.All(char.IsAsciiDigit) ? word : "";
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = Encoding.Latin1.GetString(_buffer, _start, length).TrimEnd('\r');
                _start += length + 1;
                return line;
            }
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }
            if (_end == _buffer.Length)
                throw new IOException("A line of its answer is too long");
            var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (count == 0)
                throw new IOException("It closed the connection");
            _end += count;
        }
    }
}
