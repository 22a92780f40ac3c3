using System.Globalization;
using System.Net;
using System.Text;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Traffic;

/// <summary>Programs of others that send mail: each has its own way to speak SMTP.</summary>
public static class Senders
{
    // The message on standard input; BODY and SMTPUTF8 as arguments.
    private const string SmtpLib = """
        import smtplib, sys
        host, port, sender, recipients, options = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4].split(','), sys.argv[5:]
        with smtplib.SMTP(host, port, local_hostname='sender.example', timeout=120) as smtp:
            refused = smtp.sendmail(sender, recipients, sys.stdin.buffer.read(), mail_options=options)
            if refused:
                sys.exit(repr(refused))
        """;

    /// <summary>swaks, byte for byte. It knows no SMTPUTF8.</summary>
    /// <exception cref="InvalidOperationException">It was refused; the message holds the dialogue.</exception>
    public static async Task SwaksAsync(IPEndPoint server, SampleMessage message, CancellationToken cancellationToken = default)
    {
        if (message.RequiresUtf8)
            throw new ArgumentException($"swaks cannot send {message.Name}: it needs SMTPUTF8.", nameof(message));
        (await new Command(
            Peer.Need("swaks"),
            // Without --no-data-fixup it replaces %words% in the message; so the dots are ours to double and the end is ours to write.
            "--server", server.ToString(), "--helo", "sender.example", "--from", message.Sender, "--to", string.Join(',', message.Recipients),
            "--data", "-", "--no-data-fixup", "--silent", "2", "--timeout", "120s") { Input = [.. Stuffed(message.Bytes), (byte)'.'] }
            .RunAsync(cancellationToken)).Succeeded();
    }

    /// <summary>Python's smtplib, with BODY=8BITMIME and SMTPUTF8 as the message wants.</summary>
    /// <exception cref="InvalidOperationException">It was refused, for one recipient at least.</exception>
    public static async Task PythonAsync(IPEndPoint server, SampleMessage message, CancellationToken cancellationToken = default)
    {
        List<string> options = [];
        if (message.Is8Bit)
            options.Add("BODY=8BITMIME");
        if (message.RequiresUtf8)
            options.Add("SMTPUTF8");
        (await new Command(
            Peer.Need("python3"),
            ["-c", SmtpLib, server.Address.ToString(), Number(server.Port), message.Sender, string.Join(',', message.Recipients), .. options])
        {
            Input = message.Bytes,
            // Arguments are UTF-8 whatever the locale.
            Environment = new Dictionary<string, string> { ["PYTHONUTF8"] = "1" },
        }.RunAsync(cancellationToken)).Succeeded();
    }

    /// <summary>
    /// Postfix's smtp-source: many messages over parallel sessions, each with the body of <see cref="SmtpSourceBody"/>. It says
    /// HELO and does not pipeline.
    /// </summary>
    /// <exception cref="InvalidOperationException">A message was refused, which ends it.</exception>
    public static async Task SmtpSourceAsync(
        IPEndPoint server, string from, string to, int messages, int sessions, int bodyBytes, string subject, CancellationToken cancellationToken = default) =>
        (await new Command(
            Peer.Need("smtp-source"),
            "-m", Number(messages), "-s", Number(sessions), "-l", Number(bodyBytes), "-f", from, "-t", to, "-S", subject, "-M", "sender.example",
            server.ToString()).RunAsync(cancellationToken)).Succeeded();

    /// <summary>What smtp-source sends after the empty line: rows of 80 bytes that begin with a digit, then the rest and a line end.</summary>
    public static string SmtpSourceBody(int bodyBytes)
    {
        var body = new StringBuilder();
        for (var row = 1; row * 80 < bodyBytes; row++)
            body.Append((char)('0' + row % 10)).Append('X', 77).Append("\r\n");
        return body.Append('X', bodyBytes - body.Length).Append("\r\n").ToString();
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    // RFC 5321 §4.5.2
    private static byte[] Stuffed(byte[] message)
    {
        var stuffed = new MemoryStream(message.Length + 16);
        for (ReadOnlySpan<byte> rest = message; !rest.IsEmpty;)
        {
            var end = rest.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..(end + 1)];
            if (line[0] == '.')
                stuffed.WriteByte((byte)'.');
            stuffed.Write(line);
            rest = rest[line.Length..];
        }
        return stuffed.ToArray();
    }
}
