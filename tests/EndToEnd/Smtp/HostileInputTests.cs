using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Smtp;

/// <summary>What a stranger may send, and what is answered: with bounded memory and work, and mail is taken as before.</summary>
public sealed class HostileInputTests(HostileInputTests.Host host) : IClassFixture<HostileInputTests.Host>
{
    private const int MostMegabytes = 200; // more than before; a message may have 50
    private static readonly TimeSpan MostWork = TimeSpan.FromSeconds(20); // a bound on work, not on time
    private static readonly string InData = $"EHLO a.example\r\nMAIL FROM:<a@a.example>\r\nRCPT TO:<{Household.BenAddress}>\r\nDATA\r\n";
    private static readonly byte[] End = "\r\n.\r\n"u8.ToArray();

    /// <summary>Name; what is said; the replies to it, the last ones at least. The first of each pair of lines that repeat stands for all.</summary>
    private static readonly Dictionary<string, (Func<IEnumerable<byte[]>> Said, string Replies)> Table = new()
    {
        ["a line of 200 MB before EHLO"] = (() => Repeat("A", 200_000_000), @"^220 .*\n500 5\.5\.2 Line too long, closing\n$"),
        ["100,000 commands at once"] = (() => Repeat("NOOP\r\n", 100_000), @"\n250 2\.0\.0 OK\n421 4\.7\.0 Too many commands, closing\n$"),
        ["100,000 wrong commands at once"] = (() => Repeat("WHAT\r\n", 100_000), @"\n5\d\d .*\n421 4\.7\.0 Too many errors, closing\n$"),
        ["10,000 recipients"] = (
            () => [Bytes("EHLO a.example\r\nMAIL FROM:<a@a.example>\r\n"), .. Repeat($"RCPT TO:<{Household.BenAddress}>\r\n", 10_000), Bytes("QUIT\r\n")],
            @"\n250 2\.1\.5 .*\n452 4\.5\.3 .*\n221 .*\n$"),
        ["commands in clear behind STARTTLS"] = (() => [Bytes("EHLO a.example\r\nSTARTTLS\r\nMAIL FROM:<a@a.example>\r\n")], @"\n220 [^\n]*\n$"),
        ["noise instead of a TLS handshake"] = (() => [Bytes("EHLO a.example\r\nSTARTTLS\r\n"), Pause, .. Repeat("\u0016\u0003\u0001ÿÿnoise", 100_000)], @"\n220 [^\n]*\n"),
        ["NUL in a command"] = (() => [Bytes("EHLO a\0b\r\nQUIT\r\n")], @"\n50\d .*\n221 .*\n$"),
        ["BDAT of more than there can be"] = (
            () => [Bytes($"EHLO a.example\r\nMAIL FROM:<a@a.example>\r\nRCPT TO:<{Household.BenAddress}>\r\nBDAT 99999999999999999999 LAST\r\n")], @"\n5\d\d .*\n$"),
        ["a message of 100 MB that said it was small"] = (() => [Bytes(InData.Replace("a.example>\r\nR", "a.example> SIZE=100\r\nR", StringComparison.Ordinal)), .. Repeat("line\r\n", 17_000_000), End], @"\n55[24] 5\.3\.4 .*\n$"),
        ["10 MB of header"] = (() => [Bytes(InData), .. Repeat("X-More: and more\r\n", 600_000), End], @"\n552 5\.3\.4 .*\n$"),
        ["a header field without an end"] = (() => [Bytes(InData + "Subject: "), .. Repeat("a", 900_000), End], @"\n250 .*\n$"),
        ["a header in one folded field"] = (() => [Bytes(InData + "Subject: a\r\n"), .. Repeat(" b\r\n", 200_000), End], @"\n250 .*\n$"),
        ["a bomb of encoded words"] = (() => [Bytes(InData + "Subject:"), .. Repeat(" =?utf-8?q?=F0=9F=92=A3?=\r\n", 35_000), Bytes("\r\nbody"), End], @"\n250 .*\n$"),
        ["encoded words in 20,000 addresses"] = (() => [Bytes(InData + "To: a@a.example"), .. Repeat(",\r\n =?utf-8?b?8J+Sow==?= <a@a.example>", 20_000), Bytes("\r\n\r\nbody"), End], @"\n250 .*\n$"),
        ["comments in comments"] = (() => [Bytes(InData + "From: "), .. Repeat("(", 500_000), Bytes("\r\n\r\nbody"), End], @"\n250 .*\n$"),
        ["multipart 1,000 deep"] = (() => [Bytes(InData), .. Depth(1000), End], @"\n250 .*\n$"),
        ["100,000 parts"] = (() => [Bytes(InData + "Content-Type: multipart/mixed; boundary=b\r\n\r\n"), .. Repeat("--b\r\n\r\nx\r\n", 100_000), Bytes("--b--"), End], @"\n250 .*\n$"),
        ["100,000 boundaries that are none"] = (() => [Bytes(InData + "Content-Type: multipart/mixed; boundary=b\r\n\r\n"), .. Repeat("--\r\n--bb\r\n", 500_000), End], @"\n250 .*\n$"),
        ["20 MB of HTML tags"] = (() => [Bytes(InData + "Content-Type: text/html\r\n\r\n"), .. Repeat("<b><!--<style><a href=", 900_000), End], @"\n250 .*\n$"),
        ["20 MB of base64 that is none"] = (() => [Bytes(InData + "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"), .. Repeat("====&&&&====\r\n", 1_400_000), End], @"\n250 .*\n$"),
        ["NULs"] = (() => [Bytes(InData + "Subject: \0\0\r\n\r\n"), .. Repeat("\0", 1_000_000), End], @"\n250 .*\n$"),
        ["51 Received"] = (() => [Bytes(InData), .. Repeat("Received: from a by b; Thu, 1 Jan 1970 00:00:00 +0000\r\n", 51), Bytes("\r\nbody"), End], @"\n554 5\.4\.6 .*\n$"),
    };

    public static TheoryData<string> Names => [.. Table.Keys];

    // Stands for a flush: what follows goes in a packet of its own, after the replies to what came before.
    private static byte[] Pause => [];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Is_answered_so_and_costs_no_more_than_it_may(string name)
    {
        var (said, replies) = Table[name];
        var before = host.Usage(reset: true);
        var heard = await TalkAsync(said());
        var after = host.Usage();
        Assert.Matches(new Regex(replies, RegexOptions.CultureInvariant), heard);
        Assert.True(after.PeakMegabytes - before.ResidentMegabytes <= MostMegabytes, $"{before.ResidentMegabytes} MB before, {after.PeakMegabytes} MB at most");
        Assert.True(after.Work - before.Work < MostWork, $"{after.Work - before.Work} of work");
        Assert.Matches(@"\n250 2\.0\.0 [^\n]*\n221 [^\n]*\n$", await TalkAsync([Bytes(InData), Pause, Bytes("Subject: as before\r\n\r\nbody\r\n.\r\nQUIT\r\n")]));
    }

    [Fact]
    public async Task A_client_that_sends_byte_after_byte_is_left_when_its_command_does_not_end()
    {
        await using var appliance = await ApplianceProcess.StartAsync(new ApplianceSettings { Values = new Dictionary<string, string> { ["Mx:IdleSeconds"] = "1" } });
        await using var line = await SmtpDialogue.OpenAsync(appliance.Mx);
        var reply = line.NextCodeAsync();
        while (!reply.IsCompleted)
        {
            await line.SendAsync("N");
            await Task.WhenAny(reply, Task.Delay(50, TestContext.Current.CancellationToken));
        }
        Assert.Equal(421, await reply);
    }

    private async Task<string> TalkAsync(IEnumerable<byte[]> said)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(host.Appliance.Mx, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream(); // once: there is none to get when it has closed
        var heard = new StringBuilder();
        var listening = ListenAsync(stream, heard);
        try
        {
            foreach (var bytes in said)
            {
                if (bytes.Length == 0)
                    await Task.Delay(100, TestContext.Current.CancellationToken);
                else
                    await stream.WriteAsync(bytes, TestContext.Current.CancellationToken);
            }
            client.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception closed) when (closed is IOException or SocketException)
        {
            // It has heard enough.
        }
        await listening;
        return heard.ToString();
    }

    /// <summary>Replies, each line once that repeats.</summary>
    private static async Task ListenAsync(NetworkStream stream, StringBuilder heard)
    {
        using var replies = new StreamReader(stream, Encoding.UTF8, leaveOpen: true); // somebody may still be writing
        var last = "";
        try
        {
            while (await replies.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                if (line != last)
                    heard.Append(line).Append('\n');
                last = line;
            }
        }
        catch (IOException)
        {
        }
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private static IEnumerable<byte[]> Repeat(string text, int times)
    {
        const int most = 1 << 16;
        var atOnce = Math.Max(1, most / text.Length);
        var piece = Bytes(string.Concat(Enumerable.Repeat(text, Math.Min(times, atOnce))));
        for (; times >= atOnce; times -= atOnce)
            yield return piece;
        if (times > 0)
            yield return Bytes(string.Concat(Enumerable.Repeat(text, times)));
    }

    private static IEnumerable<byte[]> Depth(int depth)
    {
        for (var i = 0; i < depth; i++)
            yield return Bytes($"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n");
        yield return Bytes("\r\nat the bottom\r\n");
    }

    /// <summary>One appliance for all rows.</summary>
    public sealed class Host : IAsyncLifetime
    {
        private Household? _household;

        public ApplianceProcess Appliance => _household!.Appliance;

        public async ValueTask InitializeAsync() => _household = await Household.MoveInAsync();

        public ValueTask DisposeAsync() => _household?.DisposeAsync() ?? ValueTask.CompletedTask;

        /// <summary>Of the process, from proc(5).</summary>
        /// <param name="reset">The peak begins anew.</param>
        public (long ResidentMegabytes, long PeakMegabytes, TimeSpan Work) Usage(bool reset = false)
        {
            var folder = $"/proc/{Appliance.ProcessId}/";
            if (reset)
                File.WriteAllText(folder + "clear_refs", "5");
            var status = File.ReadAllLines(folder + "status");
            // After the name, which may hold anything: utime and stime are fields 14 and 15, in hundredths of a second.
            var fields = File.ReadAllText(folder + "stat").Split(") ")[1].Split(' ');
            return (Megabytes("VmRSS:"), Megabytes("VmHWM:"), TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture))));

            long Megabytes(string field) => long.Parse(status.Single(line => line.StartsWith(field, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
        }
    }
}
