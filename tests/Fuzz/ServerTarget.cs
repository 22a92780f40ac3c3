using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Appliance.EndToEnd.Harness;
using Appliance.Mail.Tests.Dns;
using Appliance.Mail.Tests.Smtp;

namespace Appliance.Fuzz;

/// <summary>
/// The real service with its store, its checks and a member: a client that behaves brings a session to one of its states, and what comes then no client would say. It must answer in well-formed
/// replies, end with its client and never fail; after all of it the service must be as it was, have kept what it said it kept, and take mail. The first octet of an input chooses the state.
/// </summary>
internal sealed partial class ServerTarget : IFuzzTarget, IDisposable
{
    private const string Member = "b@example.test";
    private const long MostMemory = 600L << 20;
    private const string Envelope = $"MAIL FROM:<a@example.net>\r\nRCPT TO:<{Member}>";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);
    private static readonly byte[] StartTls = "STARTTLS"u8.ToArray();

    private static readonly Beginning[] Beginnings =
    [
        new("connected", []),
        new("greeted by HELO", ["HELO client.example"]),
        new("greeted", ["EHLO client.example"]),
        new("has a sender", ["EHLO client.example", "MAIL FROM:<a@example.net>"]),
        new("has a recipient", ["EHLO client.example", Envelope]),
        new("in a message", ["EHLO client.example", Envelope, "DATA"]),
        new("between chunks", ["EHLO client.example", Envelope, "BDAT 7\r\nhello"]),
        new("shaking hands", ["EHLO client.example", "STARTTLS"]),
        new("over TLS", ["EHLO client.example"], IsTls: true),
        new("in a message over TLS", ["EHLO client.example", Envelope, "DATA"], IsTls: true),
        new("LMTP, has a recipient", ["LHLO client.example", Envelope], IsLmtp: true),
        new("LMTP, in a message", ["LHLO client.example", Envelope, "DATA"], IsLmtp: true),
    ];

    private readonly ZoneServer _dns;
    private readonly ApplianceProcess _appliance;
    private readonly BridgeProgram _bridge = new("a password for fuzzing");
    private readonly JsonElement _before;
    private long _kept;

    private ServerTarget(ZoneServer dns, ApplianceProcess appliance)
    {
        (_dns, _appliance) = (dns, appliance);
        RunAsync("setup", "--domain", "example.test", "--admin", Member).GetAwaiter().GetResult();
        _bridge.ActivateAsync(_appliance.SetupLink).GetAwaiter().GetResult();
        RunAsync("domain", "add", "example.test", "--catch-all", Member).GetAwaiter().GetResult();
        _before = StatusAsync().GetAwaiter().GetResult();
    }

    public string Name => "server";

    public IReadOnlyList<byte[]> Tokens { get; } = [.. new SmtpTarget().Tokens, "BDAT 5 LAST\r\nhello"u8.ToArray(), "STARTTLS\r\n"u8.ToArray(), "RSET\r\n"u8.ToArray(), "QUIT\r\n"u8.ToArray(), "DATA\r\n"u8.ToArray()];

    public static ServerTarget Start()
    {
        var dns = new ZoneServer();
        var appliance = ApplianceProcess.StartAsync(new ApplianceSettings
        {
            Values = new Dictionary<string, string>
            {
                ["Dns:Servers"] = dns.Address.ToString(),
                ["Listen:Lmtp"] = "localhost:0",
                ["MailAuth:ExemptClients"] = "", // so that this machine is asked about, as strangers are
                ["Mx:GreetingDelayMilliseconds"] = "0",
                ["Mx:MaxMessagesPerHour"] = "0",
                ["Mx:MaxUnknownRecipients"] = "1000000",
                ["Senders:GreylistMinutes"] = "0",
                ["Senders:BlockLists"] = "",
                ["Senders:AllowLists"] = "",
            },
        }).GetAwaiter().GetResult();
        return new ServerTarget(dns, appliance);
    }

    public IReadOnlyList<byte[]> Corpus()
    {
        byte[][] transcripts = [.. Transcript.Names.Select(name => Transcript.Load(name).AllClientOctets).Where(octets => octets.Length < 10_000)];
        byte[][] messages = [.. Seeds.Messages().Where(message => message.Length < 20_000).Select(message => (byte[])[.. message, .. "\r\n.\r\nQUIT\r\n"u8])];
        return [.. Enumerable.Range(0, Beginnings.Length).SelectMany(state => transcripts.Concat(messages).Select(octets => (byte[])[(byte)state, .. octets]))];
    }

    public void Run(ReadOnlyMemory<byte> input)
    {
        if (!input.IsEmpty)
            ConverseAsync(Beginnings[input.Span[0] % Beginnings.Length], input[1..]).GetAwaiter().GetResult();
    }

    public void Finish() => FinishAsync().GetAwaiter().GetResult();

    public void Dispose()
    {
        _bridge.Dispose();
        _appliance.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _dns.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private async Task ConverseAsync(Beginning beginning, ReadOnlyMemory<byte> input)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var client = new TcpClient();
        await client.ConnectAsync(beginning.IsLmtp ? _appliance.Lmtp! : _appliance.Mx, deadline.Token);
        var replies = "";
        try
        {
            Stream stream = client.GetStream();
            await SayAsync(stream, null, deadline.Token);
            if (beginning.IsTls)
            {
                await SayAsync(stream, "EHLO client.example", deadline.Token);
                await SayAsync(stream, "STARTTLS", deadline.Token);
                stream = await SecureAsync(stream, deadline.Token);
            }
            await using (stream)
            {
                foreach (var line in beginning.Lines)
                    foreach (var command in line.StartsWith("BDAT", StringComparison.Ordinal) ? [line] : line.Split("\r\n"))
                        await SayAsync(stream, command, deadline.Token);
                replies = await AttackAsync(client, stream, input, deadline.Token);
            }
        }
        catch (Exception gone) when (gone is IOException or SocketException or AuthenticationException)
        {
            // It hung up on us, as it may.
        }
        catch (OperationCanceledException)
        {
            throw new InvalidOperationException($"A session that was {beginning.Name} did not end within {Patience}.");
        }
        if (!beginning.IsLmtp) // which answers once for each recipient
            _kept += Kept().Count(replies);
        if (replies.Contains("421 4.3.0", StringComparison.Ordinal))
            throw new InvalidOperationException($"A session that was {beginning.Name} failed: {replies}");
        var isInClear = beginning.Name != "shaking hands" && input.Span.IndexOf(StartTls) < 0;
        if (isInClear && !Replies().IsMatch(replies))
            throw new InvalidOperationException($"Not replies, when {beginning.Name}: {replies}");
    }

    /// <summary>Says it in pieces, then leaves, in one of three ways.</summary>
    private static async Task<string> AttackAsync(TcpClient client, Stream stream, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        var last = input.IsEmpty ? 0 : input.Span[^1];
        var piece = 1 + (last % 3 == 0 ? input.Length : last * 7);
        for (var rest = input; !rest.IsEmpty; rest = rest[Math.Min(piece, rest.Length)..])
            await stream.WriteAsync(rest[..Math.Min(piece, rest.Length)], cancellationToken);
        if (last % 16 == 1)
        {
            client.LingerState = new LingerOption(true, 0); // a reset
            return "";
        }
        if (stream is SslStream tls && last % 2 == 0)
            await tls.ShutdownAsync();
        client.Client.Shutdown(SocketShutdown.Send);
        var replies = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var count)
                replies.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
        catch (IOException)
        {
            // Cut off behind its last word.
        }
        return replies.ToString();
    }

    private static async Task SayAsync(Stream stream, string? line, CancellationToken cancellationToken)
    {
        if (line is not null)
            await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), cancellationToken);
        var buffer = new byte[4096];
        var reply = "";
        while (!LastLine().IsMatch(reply))
        {
            var count = await stream.ReadAsync(buffer, cancellationToken);
            if (count == 0)
                throw new InvalidOperationException($"No answer to {line}: {reply}");
            reply += Encoding.Latin1.GetString(buffer, 0, count);
        }
        if (reply[0] is not ('2' or '3'))
            throw new InvalidOperationException($"{line} was answered {reply}");
    }

    [SuppressMessage("Security", "CA5359:Do Not Disable Certificate Validation", Justification = "The service made its certificate itself.")]
    private static async Task<SslStream> SecureAsync(Stream stream, CancellationToken cancellationToken)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true }, cancellationToken);
        return tls;
    }

    private async Task FinishAsync()
    {
        await Until.TrueAsync(() => StatusAsync().GetAwaiter().GetResult().GetProperty("sessionsNow").GetInt64() == 0, TimeSpan.FromSeconds(30), () => "Sessions are left");
        var after = await StatusAsync();
        if (after.GetProperty("budgetFreeBytes").GetInt64() != _before.GetProperty("budgetFreeBytes").GetInt64())
            throw new InvalidOperationException("Memory of messages was not given back.");
        if (after.GetProperty("messages").GetInt64() < _kept)
            throw new InvalidOperationException($"{_kept} messages were acknowledged, and it knows of {after.GetProperty("messages")}.");
        if (_appliance.Log() is var log && (log.Contains("An SMTP session failed", StringComparison.Ordinal) || log.Contains(" FTL ", StringComparison.Ordinal)))
            throw new InvalidOperationException(log);
        var memory = 1024 * long.Parse(
            (await File.ReadAllLinesAsync($"/proc/{_appliance.ProcessId}/status")).First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);
        if (memory > MostMemory)
            throw new InvalidOperationException($"It holds {memory >> 20} MB of memory.");
        var listed = await _bridge.ListAsync();
        if (listed.Count < _kept)
            throw new InvalidOperationException($"{_kept} messages were acknowledged, and {listed.Count} are there.");
        var verified = await _appliance.CommandAsync("store", "verify");
        if (verified.Status != 0)
            throw new InvalidOperationException(verified.Text + verified.Errors);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"server: {after.GetProperty("sessions")} sessions, {after.GetProperty("messages")} messages kept, {memory >> 20} MB resident, the store is whole"));
    }

    private async Task RunAsync(params string[] command) => (await _appliance.CommandAsync(command)).Succeeded();

    private async Task<JsonElement> StatusAsync()
    {
        using var status = JsonDocument.Parse((await _appliance.CommandAsync("mx", "status", "--json")).Succeeded().Output);
        return status.RootElement.Clone();
    }

    [GeneratedRegex(@"\A(?:([245][0-9]{2}|354)[ -][ -~]{1,500}\r\n)*\z")]
    private static partial Regex Replies();

    [GeneratedRegex(@"(?:\A|\n)[0-9]{3} [^\n]*\r\n\z")]
    private static partial Regex LastLine();

    [GeneratedRegex("^250 2.0.0 Sealed", RegexOptions.Multiline)]
    private static partial Regex Kept();

    private sealed record Beginning(string Name, string[] Lines, bool IsTls = false, bool IsLmtp = false);
}
