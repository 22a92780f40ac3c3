using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Relays;

/// <summary>
/// What one server takes for the end of a message and another does not makes a second message out of the first, in somebody else's name: every combination of CR, LF, CRLF
/// and a dot, in one packet and in many.
/// </summary>
public sealed partial class SmugglingTests(SharedHousehold shared) : IClassFixture<SharedHousehold>
{
    private const string Envelope = $"MAIL FROM:<boss@{Household.Domain}>\r\nRCPT TO:<{Household.BenAddress}>\r\nDATA\r\n";
    private static readonly string[] LineEnds = ["\r\n", "\n", "\r", "\r\r\n", "\n\r", "\r\n\0", "\n\n", "\r\r"];
    private readonly Household _household = shared.Household;

    // CRLF.CRLF ends a message everywhere: what follows is no part of it.
    private static IEnumerable<string> FalseEnds =>
        from before in LineEnds
        from after in LineEnds
        where !(before.EndsWith("\r\n", StringComparison.Ordinal) && after.StartsWith("\r\n", StringComparison.Ordinal))
        select $"{before}.{after}";

    [Fact]
    public async Task Sent_straight_none_is_ever_born()
    {
        foreach (var end in FalseEnds)
            foreach (var piece in new[] { int.MaxValue, 1 })
                await AttackAsync(_household.Appliance.Mx, end, piece);
        // Each got as far as a message, and that was refused for its bare line ends where it has any.
        var bare = FalseEnds.Count(end => end.Replace("\r\n", "", StringComparison.Ordinal).IndexOfAny(['\r', '\n']) >= 0);
        using var status = JsonDocument.Parse((await _household.Appliance.CommandAsync("mx", "status", "--json")).Succeeded().Output);
        Assert.Equal(2 * bare, status.RootElement.GetProperty("refusals").GetProperty("550 5.6.0").GetInt32());
        await AssertNothingWasBornAsync();
    }

    /// <summary>Postfix may see two messages itself, above all when it forbids no bare line ends; what it hands over as one must stay one.</summary>
    [Theory]
    [InlineData("no")]
    [InlineData("normalize")]
    public async Task Through_a_Postfix_in_front_none_is_born_that_it_does_not_know_of(string forbid)
    {
        await using var household = await Household.MoveInAsync();
        await using var relay = await PostfixServer.StartAsync(
            $"smtp:[127.0.0.1]:{household.Appliance.Mx.Port}", $"smtpd_forbid_bare_newline = {forbid}\nsmtpd_forbid_bare_newline_exclusions =");
        foreach (var end in FalseEnds)
            await AttackAsync(relay.Address, end, int.MaxValue);
        await relay.DeliverAllAsync();
        // Some are refused here for their bare line ends; Postfix tells their sender, whom it finds nowhere.
        var handedOver = relay.Log().Split('\n').Where(line => line.Contains("status=sent (250 2.0.0 Sealed", StringComparison.Ordinal)).ToList();
        Assert.True(handedOver.Count >= 10, relay.Log());
        Assert.Equal(handedOver.Count, (await household.Ben.ListAsync()).Count);
    }

    /// <summary>The positive control: servers that are not strict do give birth.</summary>
    [Fact]
    public async Task A_lax_server_falls_for_most_of_them()
    {
        using var lax = new LaxServer();
        foreach (var end in FalseEnds)
            await AttackAsync(lax.Address, end, int.MaxValue);
        Assert.True(lax.Smuggled > FalseEnds.Count() / 2, $"{lax.Smuggled} of {FalseEnds.Count()}");
    }

    private async Task AssertNothingWasBornAsync()
    {
        await using (var line = await SmtpDialogue.OpenAsync(_household.Appliance.Mx))
            Assert.StartsWith("220", line.Greeting, StringComparison.Ordinal);
        Assert.DoesNotContain(await _household.Ben.ListAsync(), message => message.Subject == "smuggled" || message.From?.Contains("boss", StringComparison.Ordinal) == true);
    }

    /// <summary>Says all of it whatever is answered, and waits until the server closes the line.</summary>
    private static async Task AttackAsync(IPEndPoint server, string end, int piece)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(server, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        var draining = DrainAsync(stream);
        try
        {
            foreach (var command in new[] { "EHLO sender.example\r\n", "MAIL FROM:<a@sender.example>\r\n", $"RCPT TO:<{Household.BenAddress}>\r\n", "DATA\r\n" })
                await SayAsync(stream, command, int.MaxValue);
            await SayAsync(stream, $"Subject: first\r\n\r\nfirst{end}{Envelope}Subject: smuggled\r\nFrom: boss@{Household.Domain}\r\n\r\nsecond\r\n.\r\nQUIT\r\n", piece);
            client.Client.Shutdown(SocketShutdown.Send);
        }
        catch (IOException)
        {
            // It was closed on us.
        }
        await draining;
    }

    private static async Task SayAsync(NetworkStream stream, string text, int piece)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        for (var at = 0; at < bytes.Length; at += Math.Min(piece, bytes.Length))
            await stream.WriteAsync(bytes.AsMemory(at, Math.Min(piece, bytes.Length - at)), TestContext.Current.CancellationToken);
    }

    private static async Task DrainAsync(NetworkStream stream)
    {
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer, TestContext.Current.CancellationToken) > 0)
            {
            }
        }
        catch (IOException)
        {
        }
    }

    /// <summary>Takes any line end before and behind a dot for the end of a message, as servers once did.</summary>
    private sealed partial class LaxServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public LaxServer()
        {
            _listener.Start();
            _ = AcceptAsync();
        }

        public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

        public int Smuggled { get; private set; }

        public void Dispose() => _listener.Dispose();

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    using var all = new MemoryStream();
                    await client.GetStream().WriteAsync("220 lax\r\n"u8.ToArray());
                    await client.GetStream().CopyToAsync(all);
                    // Whatever begins behind an end of message is commands again.
                    if (AnyEnd().Split(Encoding.Latin1.GetString(all.ToArray())) is [_, var second, ..] && second.TrimStart('\r', '\n', '\0').StartsWith("MAIL FROM:<boss", StringComparison.Ordinal))
                        Smuggled++;
                }
            }
            catch (Exception end) when (end is ObjectDisposedException or SocketException)
            {
            }
        }

        [GeneratedRegex(@"[\r\n]\.[\r\n]+")]
        private static partial Regex AnyEnd();
    }
}
