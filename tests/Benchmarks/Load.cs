using System.Diagnostics;
using System.Globalization;
using System.Net;
using Appliance.EndToEnd.Harness;

namespace Appliance.Benchmarks;

/// <summary>Sends with Postfix's smtp-source: a new connection per message, one recipient each.</summary>
internal static class Load
{
    /// <summary>The program that is not installed, if one is not.</summary>
    public static string? Missing() => new[] { "smtp-source", "smtp-sink" }.FirstOrDefault(name => Programs.Find(name) is null);

    /// <summary>
    /// Messages per second, evenly over the mailboxes. smtp-source knows one recipient, so there is one of it for each
    /// mailbox: side by side with the sessions shared out, or one after the other for a single session.
    /// </summary>
    /// <param name="file">The message to send, in place of one that smtp-source makes.</param>
    /// <param name="isLmtp">Speak LMTP.</param>
    /// <exception cref="InvalidOperationException">A message was not accepted.</exception>
    public static async Task<double> SendAsync(IPEndPoint to, IReadOnlyList<string> mailboxes, Row row, string? file = null, bool isLmtp = false)
    {
        var started = Stopwatch.GetTimestamp();
        if (row.Sessions < mailboxes.Count)
            foreach (var mailbox in mailboxes)
                await SendAsync(to, mailbox, row.Size, row.Sessions, row.Messages / mailboxes.Count, file, isLmtp);
        else
            await Task.WhenAll(mailboxes.Select(mailbox =>
                SendAsync(to, mailbox, row.Size, row.Sessions / mailboxes.Count, row.Messages / mailboxes.Count, file, isLmtp)));
        return row.Messages / mailboxes.Count * mailboxes.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task SendAsync(IPEndPoint to, string mailbox, int size, int sessions, int messages, string? file, bool isLmtp) =>
        (await new Command(
            Programs.Find("smtp-source")!,
            [.. isLmtp ? (string[])["-L"] : [], .. file is null ? ["-l", Text(size)] : (string[])["-F", file], "-s", Text(sessions), "-m", Text(messages), "-f", "sender@load.example", "-t", mailbox, "-M", "load.example", to.ToString()])
            .RunAsync()).Succeeded();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
