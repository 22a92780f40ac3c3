using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Appliance.Mail.Authentication;
using Appliance.Mail.Dkim;
using Appliance.Mail.Dns;
using Appliance.Mail.Headers;
using Appliance.Mail.Tests.Dns;

namespace Appliance.Benchmarks;

/// <summary>What checking where mail comes from costs: by itself, and to a message that arrives. The zone has SPF, DKIM and DMARC, on a resolver of this machine.</summary>
internal sealed class MailAuthBench : IAsyncDisposable
{
    private const string Sender = "sender@load.example";
    private readonly ZoneServer _dns = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("appliance-bench-").FullName;
    private readonly SigningKey _rsa;
    private readonly SigningKey _ed25519 = SigningKey.FromSeed("load.example", "e", RandomNumberGenerator.GetBytes(32));

    public MailAuthBench()
    {
        using var key = RSA.Create(2048);
        _rsa = SigningKey.FromPem("load.example", "r", key.ExportRSAPrivateKeyPem());
        _dns.AddText("load.example", "v=spf1 ip4:127.0.0.1 ip6:::1 -all");
        _dns.AddText("_dmarc.load.example", "v=DMARC1; p=reject");
        _dns.AddText("r._domainkey.load.example", _rsa.Record());
        _dns.AddText("e._domainkey.load.example", _ed25519.Record());
    }

    public async ValueTask DisposeAsync()
    {
        _rsa.Dispose();
        _ed25519.Dispose();
        await _dns.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Messages a second on one thread.</summary>
    public async Task VerifyAsync()
    {
        Console.WriteLine("| message | signature | DNS | messages/s | µs each |");
        Console.WriteLine("|---|---|---|---:|---:|");
        foreach (var (size, key) in new[] { (10_000, _rsa), (10_000, _ed25519), (1_000_000, _rsa) })
        {
            var message = Signed(size, key);
            var warm = new MailAuthenticator(Resolver(), TimeProvider.System);
            await WriteAsync(size, key, "asked before", () => warm, message);
            await WriteAsync(size, key, "asked each time", () => new MailAuthenticator(Resolver(), TimeProvider.System), message);
        }
    }

    /// <summary>Arrivals with the checks and without, turn about.</summary>
    public async Task ArrivalsAsync(int messages)
    {
        var row = new Row(10_000, Sessions: 10, messages);
        var file = await SignedFileAsync(row.Size);
        Console.WriteLine("| arrivals of 10 KB, 10 sessions | messages/s | CPU ms/message |");
        Console.WriteLine("|---|---:|---:|");
        foreach (var isChecked in new[] { false, true, false, true })
        {
            await using var bench = await OpenAsync(isChecked);
            var (rate, cpu) = await bench.SendAsync(row, file);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {(isChecked ? "checked" : "not checked")} | {rate:F0} | {cpu:F2} |"));
        }
    }

    /// <summary>An appliance that has its checks asked of this machine's resolver, or makes none.</summary>
    public Task<Bench> OpenAsync(bool isChecked, IReadOnlyList<string>? program = null, int mailboxes = 10) => Bench.OpenAsync(mailboxes, program: program, settings: new()
    {
        ["Dns:Servers"] = _dns.Address.ToString(),
        ["MailAuth:ExemptClients"] = isChecked ? "" : "127.0.0.0/8 ::1/128",
        ["Mx:MaxMessagesPerHour"] = "0",
        ["Mx:GreetingDelayMilliseconds"] = "0",
    });

    /// <summary>A message of this size with one rsa-sha256 signature of 2,048 bits, as smtp-source wants it: with the line ends of this system.</summary>
    public async Task<string> SignedFileAsync(int size)
    {
        var file = Path.Combine(_folder, $"message-{size}");
        await File.WriteAllTextAsync(file, Encoding.UTF8.GetString(Signed(size, _rsa)).ReplaceLineEndings("\n"));
        return file;
    }

    private static async Task WriteAsync(int size, SigningKey key, string dns, Func<MailAuthenticator> authenticator, byte[] message)
    {
        await RunAsync(authenticator, message, TimeSpan.FromSeconds(1));
        var (count, took) = await RunAsync(authenticator, message, TimeSpan.FromSeconds(5));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {size / 1000} KB | {(key.Algorithm == SignatureAlgorithm.RsaSha256 ? "RSA, 2,048 bits" : "Ed25519")} | {dns} | {count / took.TotalSeconds:F0} | {took.TotalMicroseconds / count:F0} |"));
    }

    private static async Task<(int Count, TimeSpan Took)> RunAsync(Func<MailAuthenticator> authenticator, byte[] message, TimeSpan duration)
    {
        var began = Stopwatch.GetTimestamp();
        var count = 0;
        for (; Stopwatch.GetElapsedTime(began) < duration; count++)
        {
            using var header = HeaderBlock.Read(new ReadOnlySequence<byte>(message))!;
            var report = await authenticator().CheckAsync(IPAddress.Loopback, "load.example", Sender, header, CancellationToken.None);
            if (report is not { Dmarc: { SpfAligned: true, AlignedDkimDomains.Count: 1 } })
                throw new InvalidOperationException($"The message did not pass: {report.Dmarc.Reason}");
        }
        return (count, Stopwatch.GetElapsedTime(began));
    }

    private static byte[] Signed(int size, SigningKey key)
    {
        var line = new string('x', 70) + " yz\r\n";
        var text = Encoding.UTF8.GetBytes($"From: <{Sender}>\r\nTo: <member@bench.example>\r\nSubject: A message\r\nDate: Thu, 26 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@load.example>\r\n\r\n{string.Concat(Enumerable.Repeat(line, size / line.Length))}");
        using var header = HeaderBlock.Read(new ReadOnlySequence<byte>(text))!;
        return [.. DkimSigner.Sign(header, key, DateTimeOffset.UnixEpoch.AddSeconds(1_790_000_000)), .. text];
    }

    private DnsResolver Resolver() => new(new DnsOptions { Servers = [_dns.Address] }, TimeProvider.System);
}
