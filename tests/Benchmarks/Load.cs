using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Appliance.EndToEnd.Harness;
using Appliance.Mail.Addresses;
using Appliance.Mail.Smtp;
using Appliance.Mail.Smtp.Client;

namespace Appliance.Benchmarks;

/// <summary>Sends with Postfix's smtp-source, which speaks no TLS, or over TLS with our own client: a new connection per message, one recipient each.</summary>
internal static class Load
{
    /// <summary>The program that is not installed, if one is not.</summary>
    public static string? Missing() => new[] { "smtp-source", "smtp-sink" }.FirstOrDefault(name => Programs.Find(name) is null);

    /// <summary>
    /// Messages per second, evenly over the mailboxes. smtp-source knows one recipient, so there is one of it for each
    /// mailbox: side by side with the sessions shared out, or one after the other for a single session.
    /// </summary>
    /// <param name="file">The message to send.</param>
    /// <param name="isLmtp">Speak LMTP.</param>
    /// <exception cref="InvalidOperationException">A message was not accepted.</exception>
    public static async Task<double> SendAsync(IPEndPoint to, IReadOnlyList<string> mailboxes, Row row, string file, bool isLmtp = false)
    {
        var started = Stopwatch.GetTimestamp();
        if (row.Sessions < mailboxes.Count)
            foreach (var mailbox in mailboxes)
                await SendAsync(to, mailbox, row.Sessions, row.Messages / mailboxes.Count, file, isLmtp);
        else
            await Task.WhenAll(mailboxes.Select(mailbox =>
                SendAsync(to, mailbox, row.Sessions / mailboxes.Count, row.Messages / mailboxes.Count, file, isLmtp)));
        return row.Messages / mailboxes.Count * mailboxes.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>The same after STARTTLS; every connection shakes hands anew.</summary>
    /// <exception cref="InvalidOperationException">A message was not accepted.</exception>
    public static async Task<double> SendOverTlsAsync(IPEndPoint to, IReadOnlyList<string> mailboxes, Row row, string file)
    {
        // smtp-source takes it with this system's line ends.
        var message = new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes((await File.ReadAllTextAsync(file, Encoding.Latin1)).ReplaceLineEndings("\r\n")));
        var left = row.Messages;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, row.Sessions).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) is >= 0 and var number)
                await SendOverTlsAsync(to, mailboxes[number % mailboxes.Count], message);
        })));
        return row.Messages / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task SendOverTlsAsync(IPEndPoint to, string mailbox, ReadOnlySequence<byte> message)
    {
        await using var session = await SmtpClientSession.OpenAsync(new DnsEndPoint(to.Address.ToString(), to.Port), "load.example", CancellationToken.None);
        if (!session.IsOverTls)
            throw new InvalidOperationException("It speaks no TLS.");
        var answers = new[]
        {
            await session.MailAsync(new SmtpSender(PathOf("sender@load.example")), CancellationToken.None),
            await session.RcptAsync(PathOf(mailbox), CancellationToken.None),
            await session.DataAsync([message], CancellationToken.None),
        };
        if (Array.Find(answers, answer => answer.Code != 250) is { } refusal)
            throw new InvalidOperationException($"{refusal.Code} {refusal.Text}");
        await session.QuitAsync(CancellationToken.None);
    }

    private static SmtpPath PathOf(string address) => SmtpPath.Of(Mailbox.TryParse(address, out var mailbox) ? mailbox : throw new ArgumentException(address, nameof(address)));

    private static async Task SendAsync(IPEndPoint to, string mailbox, int sessions, int messages, string file, bool isLmtp) =>
        (await new Command(
            Programs.Find("smtp-source")!,
            [.. isLmtp ? (string[])["-L"] : [], "-F", file, "-s", Text(sessions), "-m", Text(messages), "-f", "sender@load.example", "-t", mailbox, "-M", "load.example", to.ToString()])
        {
            // With a file it gives memory back after each message, and takes 32 page faults for the next.
            Environment = new Dictionary<string, string> { ["MALLOC_TRIM_THRESHOLD_"] = "100000000" },
        }
            .RunAsync()).Succeeded();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
