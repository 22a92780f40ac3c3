using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Smtp;

/// <summary>STARTTLS of the running service: which certificate, which versions, and what happens when files are replaced.</summary>
public sealed class TlsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly string _folder = Directory.CreateTempSubdirectory("appliance-tls-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Who_asks_for_a_name_gets_its_certificate_and_replaced_files_are_used_without_a_restart()
    {
        var first = TestCertificate.Write(Path.Combine(_folder, "a.pem"), "mx.example.org", "*.example.com");
        Directory.CreateDirectory(Path.Combine(_folder, "mail.example.net"));
        var second = WriteAsAcmeClientsDo("mail.example.net");
        await using var appliance = await ApplianceProcess.StartAsync(new ApplianceSettings { Values = new Dictionary<string, string> { ["Tls:Certificates"] = _folder } });

        Assert.Equal(first, await FingerprintAsync(appliance.Mx, "mx.example.org"));
        Assert.Equal(first, await FingerprintAsync(appliance.Mx, "anything.example.com"));
        Assert.Equal(second, await FingerprintAsync(appliance.Mx, "mail.example.net"));
        Assert.Equal(first, await FingerprintAsync(appliance.Mx, "unknown.example"));
        Assert.Equal(first, await FingerprintAsync(appliance.Mx, ""));

        // A file that was cut off leaves what was there in use, and is said once.
        var path = Path.Combine(_folder, "a.pem");
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path))[..200]);
        await UntilAsync(async () => await FingerprintAsync(appliance.Mx, "mx.example.org") == first && appliance.Log().Contains("cannot be used", StringComparison.Ordinal));
        Assert.Equal(first, await FingerprintAsync(appliance.Mx, "mx.example.org"));

        var third = TestCertificate.Write(path, "mx.example.org");
        await UntilAsync(async () => await FingerprintAsync(appliance.Mx, "mx.example.org") == third);
        Assert.Single(appliance.Log().Split('\n'), line => line.Contains("cannot be used", StringComparison.Ordinal));
        Assert.Equal(second, await FingerprintAsync(appliance.Mx, "mail.example.net"));

        // So does a folder that is gone for a moment, as on a disk that is not mounted.
        Directory.Move(_folder, _folder + ".away");
        await UntilAsync(async () => await FingerprintAsync(appliance.Mx, "mx.example.org") == third && appliance.Log().Contains("cannot be looked at", StringComparison.Ordinal));
        Assert.Equal(second, await FingerprintAsync(appliance.Mx, "mail.example.net"));
        Directory.Move(_folder + ".away", _folder);
    }

    [Fact]
    public async Task TLS_1_2_and_1_3_are_spoken_and_nothing_older()
    {
        await using var appliance = await ApplianceProcess.StartAsync();
        foreach (var (option, isSpoken) in new[] { ("-tls1_3", true), ("-tls1_2", true), ("-tls1_1", false), ("-tls1", false) })
        {
            // Without the security level OpenSSL would refuse to speak the old ones by itself.
            var said = await new Command(Peer.Need("openssl"), "s_client", "-connect", appliance.Mx.ToString(), "-starttls", "smtp", "-cipher", "ALL:@SECLEVEL=0", option) { Input = "QUIT\r\n"u8.ToArray() }.RunAsync();
            Assert.Equal(isSpoken, said.Text.Contains("BEGIN CERTIFICATE", StringComparison.Ordinal));
            Assert.Equal(!isSpoken, (said.Text + said.Errors).Contains("protocol version", StringComparison.Ordinal));
        }
        await using var still = await SmtpDialogue.OpenAsync(appliance.Mx);
        Assert.StartsWith("220 ", still.Greeting, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Renegotiation_is_refused()
    {
        await using var appliance = await ApplianceProcess.StartAsync();
        // A line that begins with R makes s_client ask for a new handshake.
        var said = await new Command(Peer.Need("openssl"), "s_client", "-connect", appliance.Mx.ToString(), "-starttls", "smtp", "-tls1_2", "-legacy_renegotiation") { Input = "R\nNOOP\r\n"u8.ToArray() }.RunAsync();
        Assert.Contains("RENEGOTIATING", said.Text + said.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("250 2.0.0 OK", said.Text, StringComparison.Ordinal);
        await using var still = await SmtpDialogue.OpenAsync(appliance.Mx);
        Assert.StartsWith("220 ", still.Greeting, StringComparison.Ordinal);
    }

    private string WriteAsAcmeClientsDo(string name)
    {
        var fingerprint = TestCertificate.Write(Path.Combine(_folder, "both"), name);
        var parts = File.ReadAllText(Path.Combine(_folder, "both")).Split("-----BEGIN PRIVATE KEY-----");
        File.Delete(Path.Combine(_folder, "both"));
        foreach (var (link, content) in new[] { ("fullchain.pem", parts[0]), ("privkey.pem", "-----BEGIN PRIVATE KEY-----" + parts[1]) })
        {
            var archived = Path.Combine(_folder, name, link + ".1");
            File.WriteAllText(archived, content);
            File.CreateSymbolicLink(Path.Combine(_folder, name, link), archived);
        }
        return fingerprint;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await condition())
            await Task.Delay(100, patience.Token);
    }

    private static async Task<string> FingerprintAsync(IPEndPoint mx, string serverName)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(mx, TestContext.Current.CancellationToken);
        using (var replies = new StreamReader(client.GetStream(), Encoding.ASCII, leaveOpen: true))
        {
            await replies.ReadLineAsync(TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync("EHLO client.example\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            while (await replies.ReadLineAsync(TestContext.Current.CancellationToken) is ['2', '5', '0', '-', ..])
            {
            }
            await client.GetStream().WriteAsync("STARTTLS\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            Assert.StartsWith("220 ", await replies.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = serverName, RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null }, TestContext.Current.CancellationToken);
        Assert.Contains(tls.SslProtocol, new[] { SslProtocols.Tls12, SslProtocols.Tls13 });
        using var shown = new X509Certificate2(tls.RemoteCertificate!);
        return shown.GetCertHashString(HashAlgorithmName.SHA256);
    }
}
