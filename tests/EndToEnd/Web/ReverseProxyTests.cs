using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using Appliance.Contracts;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Web;

/// <summary>Behind the reverse proxies that README tells of, set up as it says.</summary>
public sealed class ReverseProxyTests : IAsyncLifetime
{
    private const string Name = "mail.home.example";
    private const string One = "127.0.0.9";
    private const string Other = "127.0.0.10";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("appliance-test-").FullName;
    private readonly IPEndPoint _port = Loopback.FreePort();
    private string _fingerprint = "";
    private ApplianceProcess? _appliance;
    private Process? _proxy;

    private string Origin => $"https://{Name}:{_port.Port}";

    private string Certificate => Path.Combine(_folder, "both.pem");

    public async ValueTask InitializeAsync()
    {
        _fingerprint = TestCertificate.Write(Certificate, Name);
        _appliance = await ApplianceProcess.StartAsync(new ApplianceSettings
        {
            Values = new Dictionary<string, string>
            {
                ["Web:TrustedProxies"] = "127.0.0.1 ::1",
                ["Web:PublicUrl"] = Origin,
                ["SignIn:RequestsPerMinute"] = "1",
            },
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_proxy is not null)
        {
            _proxy.Kill(entireProcessTree: true);
            await _proxy.WaitForExitAsync();
            _proxy.Dispose();
        }
        if (_appliance is not null)
            await _appliance.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Nginx()
    {
        var settings = Path.Combine(_folder, "nginx.conf");
        await File.WriteAllTextAsync(settings, $$"""
            daemon off;
            master_process off;
            pid {{_folder}}/pid;
            error_log stderr;
            events { }
            http {
                access_log off;
                client_body_temp_path {{_folder}}/body;
                proxy_temp_path {{_folder}}/proxy;
                fastcgi_temp_path {{_folder}}/fastcgi;
                uwsgi_temp_path {{_folder}}/uwsgi;
                scgi_temp_path {{_folder}}/scgi;
                server {
                    listen {{_port}} ssl;
                    ssl_certificate {{Certificate}};
                    ssl_certificate_key {{Certificate}};
                    {{InReadme("nginx")}}
                }
            }
            """);
        await StartAsync(Peer.Need("nginx"), "-e", "stderr", "-c", settings);
        await ServesAsync();
    }

    [Fact]
    public async Task Caddy()
    {
        var settings = Path.Combine(_folder, "Caddyfile");
        await File.WriteAllTextAsync(settings, $$"""
            {
                admin off
                auto_https disable_redirects
            }
            {{Origin}} {
                bind {{_port.Address}}
                tls {{Certificate}} {{Certificate}}
                reverse_proxy {{_appliance!.Web.Authority}}
            }
            """);
        await StartAsync(Peer.Need("caddy"), "run", "--config", settings, "--adapter", "caddyfile");
        await ServesAsync();
    }

    private async Task ServesAsync()
    {
        using var one = From(One);
        using var other = From(Other);
        using var page = await one.GetAsync(new Uri("/", UriKind.Relative));
        Assert.Equal("text/html", page.EnsureSuccessStatusCode().Content.Headers.ContentType?.MediaType);
        Assert.True(page.Headers.Contains("Strict-Transport-Security"));
        // Each client has its own limits, and none another's by saying so.
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(one));
        Assert.Equal(HttpStatusCode.TooManyRequests, await SignInAsync(one));
        one.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
        Assert.Equal(HttpStatusCode.TooManyRequests, await SignInAsync(one));
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(other));
        // What another site's page sends is still told apart.
        other.DefaultRequestHeaders.Remove("Origin");
        other.DefaultRequestHeaders.Add("Origin", "https://elsewhere.example");
        Assert.Equal(HttpStatusCode.Forbidden, await SignInAsync(other));
    }

    /// <summary>As the sign-in page asks first.</summary>
    private static async Task<HttpStatusCode> SignInAsync(HttpClient client)
    {
        using var response = await client.PostAsJsonAsync(new Uri("/api/signin/start", UriKind.Relative), new SignInStartRequest("nobody@home.example", "password"));
        Assert.EndsWith("json", response.Content.Headers.ContentType?.MediaType, StringComparison.Ordinal); // ours, not the proxy's
        return response.StatusCode;
    }

    /// <summary>A browser at an address of this machine.</summary>
    private HttpClient From(string address)
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                await socket.ConnectAsync(_port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString(HashAlgorithmName.SHA256) == _fingerprint },
        })
        { BaseAddress = new Uri(Origin) };
        client.DefaultRequestHeaders.Add("X-Appliance-Client", "1");
        client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        client.DefaultRequestHeaders.Add("Origin", Origin);
        return client;
    }

    /// <summary>The lines that README gives, for the port that the web client has here.</summary>
    private string InReadme(string language)
    {
        var readme = File.ReadAllText(Path.Combine(SourceTree.Root, "README.md"));
        var lines = readme.Split($"```{language}\n")[1].Split("```")[0];
        Assert.Contains("http://localhost:8080;", lines, StringComparison.Ordinal);
        return lines.Replace("localhost:8080", _appliance!.Web.Authority, StringComparison.Ordinal);
    }

    private async Task StartAsync(string program, params string[] arguments)
    {
        var log = Path.Combine(_folder, "log");
        var start = new ProcessStartInfo("sh", ["-c", $"exec \"$0\" \"$@\" > {log} 2>&1", program, .. arguments]) { WorkingDirectory = _folder };
        foreach (var variable in new[] { "HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME" })
            start.Environment[variable] = _folder;
        _proxy = Process.Start(start)!;
        await Until.TrueAsync(() => Loopback.Answers(_port) || _proxy.HasExited, Patience, () => "The proxy did not come up.\n" + File.ReadAllText(log));
        Assert.False(_proxy.HasExited, File.Exists(log) ? File.ReadAllText(log) : "It said nothing.");
    }
}
