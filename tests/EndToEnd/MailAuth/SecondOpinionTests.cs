using System.Buffers;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Appliance.EndToEnd.Harness;
using Appliance.Mail.Authentication;
using Appliance.Mail.Dkim;
using Appliance.Mail.Dmarc;
using Appliance.Mail.Dns;
using Appliance.Mail.Headers;
using Appliance.Mail.Tests.Dns;

namespace Appliance.EndToEnd.MailAuth;

/// <summary>
/// Several hundred made messages, about which dkimpy (which is dkimverify), pyspf, authheaders and opendmarc are asked too. Every difference has a reason that stands here, and no
/// other difference is one.
/// </summary>
public sealed partial class SecondOpinionTests : IDisposable
{
    private const int Messages = 400;
    private const string Client = "192.0.2.1";
    private const string Python = "/usr/bin/python3"; // the one that Debian's packages are for
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private readonly string _folder = Directory.CreateTempSubdirectory("appliance-opinions-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Others_agree_or_differ_for_a_known_reason()
    {
        Peer.Need(Python);
        Peer.Need("opendmarc");
        Assert.SkipUnless(Environment.UserName == "root", "Only root can show a program another resolv.conf.");
        using var rsa = RSA.Create(2048);
        var seed = SHA256.HashData("a seed"u8);
        var made = Enumerable.Range(0, Messages).Select(number => new MadeMessage(number)).ToList();
        var txt = await MakeAsync(made, rsa, seed);
        await using var dns = new ZoneServer();
        foreach (var (name, texts) in txt)
            foreach (var text in texts)
                dns.AddText(name, text);

        var ours = await OursAsync(made, dns.Address);
        var theirs = JsonSerializer.Deserialize<List<Opinion>>((await PythonAsync("verify", new
        {
            txt,
            messages = made.Select(message => new { file = PathOf(message), ip = Client, helo = "client.example", from = message.MailFrom }),
        })).Output, Json)!;
        var opendmarc = await OpenDmarcAsync(made, ours, txt);

        var checker = new DmarcChecker(new DnsResolver(new DnsOptions { Servers = [dns.Address] }, TimeProvider.System));
        var reasons = new Dictionary<string, int>();
        var unexplained = new List<string>();
        for (var number = 0; number < Messages; number++)
        {
            var (message, report, other) = (made[number], ours[number], theirs[number]);
            Compare(message, "SPF", report.Spf!.Word, other.Spf, _ => null);
            Assert.Equal(report.Dkim.Count, other.Dkim.Count);
            for (var i = 0; i < report.Dkim.Count; i++)
                Compare(message, "DKIM", report.Dkim[i].Result == DkimResult.Pass ? "pass" : "not", other.Dkim[i] ? "pass" : "not", _ => null);
            var policy = report.Dmarc.Result is DmarcResult.None ? "" : report.Dmarc.Policy.ToString().ToLowerInvariant();
            Compare(message, "DMARC", report.Dmarc.Word, other.Dmarc, ExplainAuthHeaders);
            if (report.Dmarc.Result == DmarcResult.Fail && other.Dmarc == "fail")
                Compare(message, "policy", policy, other.Policy ?? "", ExplainAuthHeadersPolicy);
            var byDkim = await checker.CheckAsync(
                message.Author, spf: null, [.. report.Dkim.Where(one => one.Result == DkimResult.Pass).Select(one => one.Domain!)], dkimTempError: false, TestContext.Current.CancellationToken);
            Compare(message, "opendmarc", byDkim.Word, opendmarc[number].Result, ExplainOpenDmarc);
            if (byDkim.Result == DmarcResult.Fail && opendmarc[number].Result == "fail")
                Compare(message, "opendmarc's policy", byDkim.Policy.ToString().ToLowerInvariant(), opendmarc[number].Policy, _ => null);
        }
        Assert.True(unexplained.Count == 0, $"{unexplained.Count} differences without a reason:\n{string.Join('\n', unexplained.Take(20))}");
        TestContext.Current.SendDiagnosticMessage(string.Join('\n', reasons.Select(reason => $"{reason.Value} {reason.Key}")));
        // The comparison is of something: every result occurs.
        Assert.Superset(new HashSet<string> { "pass", "fail", "none" }, ours.Select(report => report.Dmarc.Word).ToHashSet());
        Assert.Superset(new HashSet<string> { "pass", "fail", "softfail", "neutral", "none", "permerror" }, ours.Select(report => report.Spf!.Word).ToHashSet());
        Assert.Superset(new HashSet<DkimResult> { DkimResult.Pass, DkimResult.Fail }, ours.SelectMany(report => report.Dkim.Select(one => one.Result)).ToHashSet());

        void Compare(MadeMessage message, string what, string our, string their, Func<MadeMessage, string?> explain)
        {
            if (our == their)
                return;
            if (explain(message) is { } reason)
                reasons[$"{what}: {reason}"] = reasons.GetValueOrDefault($"{what}: {reason}") + 1;
            else
                unexplained.Add($"{what} is {our} to us and {their} to them. {message}");
        }
    }

    private static string? ExplainAuthHeaders(MadeMessage message) => message.Policy == "v=DMARC1; p=banana"
        ? "it takes a policy it does not know for one (RFC 9989 §4.10.1: without rua, nothing is done)"
        : null;

    private static string? ExplainAuthHeadersPolicy(MadeMessage message) => message.Policy == "v=DMARC1; p=none; sp=reject" && message.Author == message.Organization
        ? "it takes sp for the very domain whose record it is"
        : null;

    private static string? ExplainOpenDmarc(MadeMessage message) => message.Policy switch
    {
        "v=DMARC1; p=banana" => "it reports a record it cannot use as such",
        "twice" => "it takes the first of two records",
        _ => null,
    };

    /// <summary>Writes the messages, and gives the DNS they live in.</summary>
    private async Task<Dictionary<string, List<string>>> MakeAsync(List<MadeMessage> made, RSA rsa, byte[] seed)
    {
        var pem = rsa.ExportRSAPrivateKeyPem();
        using var rsaKey = SigningKey.FromPem("stranger.example", "r", pem);
        using var ed25519Key = SigningKey.FromSeed("stranger.example", "e", seed);
        var txt = new Dictionary<string, List<string>> { ["stranger.example"] = ["v=spf1 ip4:192.0.2.1 -all"], ["r._domainkey.stranger.example"] = [rsaKey.Record()] };
        foreach (var (name, text) in made.SelectMany(message => message.Records(rsaKey.Record(), ed25519Key.Record())))
            (txt.TryGetValue(name, out var texts) ? texts : txt[name] = []).Add(text);

        // Ours first: only they are ever the first of two.
        var jobs = new List<object>();
        foreach (var message in made)
        {
            var text = message.Original;
            foreach (var signing in message.Signings)
            {
                if (signing.Canonicalization is not null)
                {
                    jobs.Add(new { file = PathOf(message), signing.Domain, signing.Selector, signing.Algorithm, signing.Canonicalization, key = pem });
                    continue;
                }
                using var key = signing.Algorithm == "rsa-sha256" ? SigningKey.FromPem(signing.Domain, signing.Selector, pem) : SigningKey.FromSeed(signing.Domain, signing.Selector, seed);
                text = MadeMessage.SignedByUs(text, key);
            }
            await File.WriteAllBytesAsync(PathOf(message), Encoding.UTF8.GetBytes(text));
        }
        await PythonAsync("sign", jobs);
        foreach (var message in made)
            await File.WriteAllBytesAsync(PathOf(message), Encoding.UTF8.GetBytes(message.Changed(await File.ReadAllTextAsync(PathOf(message)))));
        return txt;
    }

    private async Task<List<AuthenticationReport>> OursAsync(List<MadeMessage> made, IPEndPoint dns)
    {
        var authenticator = new MailAuthenticator(new DnsResolver(new DnsOptions { Servers = [dns] }, TimeProvider.System), TimeProvider.System);
        var reports = new List<AuthenticationReport>();
        foreach (var message in made)
        {
            using var header = HeaderBlock.Read(new ReadOnlySequence<byte>(await File.ReadAllBytesAsync(PathOf(message))))!;
            reports.Add(await authenticator.CheckAsync(IPAddress.Parse(Client), "client.example", message.MailFrom, header, TestContext.Current.CancellationToken));
        }
        return reports;
    }

    /// <summary>
    /// opendmarc weighs what an Authentication-Results field says; it gets what we say of DKIM (SPF it aligns with an envelope, which a message in a file has not). It asks the system's
    /// resolver at port 53, so it sees a resolv.conf of its own and a server on a loopback address that nobody else uses.
    /// </summary>
    private async Task<List<(string Result, string Policy)>> OpenDmarcAsync(List<MadeMessage> made, List<AuthenticationReport> ours, Dictionary<string, List<string>> txt)
    {
        await using var dns = new ZoneServer(new IPEndPoint(IPAddress.Parse("127.53.89.99"), 53));
        foreach (var (name, texts) in txt)
            foreach (var text in texts)
                dns.AddText(name, text);
        await File.WriteAllTextAsync(Path.Combine(_folder, "resolv.conf"), $"nameserver {dns.Address.Address}\n");
        await File.WriteAllTextAsync(Path.Combine(_folder, "opendmarc.conf"),
            $"AuthservID mx.home.example\nTrustedAuthservIDs mx.home.example\nSyslog false\nPublicSuffixList {_folder}/suffixes\n");
        await File.WriteAllTextAsync(Path.Combine(_folder, "suffixes"), "example\n");
        var results = new List<(string, string)>();
        var files = new List<string>();
        foreach (var (message, report) in made.Zip(ours))
        {
            var passed = string.Concat(report.Dkim.Where(one => one.Result == DkimResult.Pass).Select(one => $"; dkim=pass header.d={one.Domain}"));
            var field = $"Authentication-Results: mx.home.example{(passed.Length > 0 ? passed : "; dkim=none")}\r\n";
            files.Add(PathOf(message) + ".checked");
            await File.WriteAllTextAsync(files[^1], field + await File.ReadAllTextAsync(PathOf(message)));
        }
        var said = (await new Command(
            Peer.Need("unshare"), "--mount", "sh", "-c", "mount --bind \"$1/resolv.conf\" /etc/resolv.conf && exec opendmarc -c \"$1/opendmarc.conf\" -t \"$2\" -v -v", "sh", _folder, string.Join(',', files))
            .RunAsync()).Succeeded();
        foreach (Match match in Dmarc().Matches(said.Text))
            results.Add((match.Groups["result"].Value, match.Groups["policy"].Value));
        Assert.True(results.Count == made.Count, $"opendmarc said {results.Count} results for {made.Count} messages:\n{said.Text[..Math.Min(2000, said.Text.Length)]}\n{said.Errors}");
        return results;
    }

    private static async Task<CommandResult> PythonAsync(string verb, object work) =>
        (await new Command(Python, Path.Combine(SourceTree.Root, "tests", "EndToEnd", "MailAuth", "second-opinion.py"), verb) { Input = JsonSerializer.SerializeToUtf8Bytes(work, Json) }.RunAsync()).Succeeded();

    private string PathOf(MadeMessage message) => Path.Combine(_folder, $"{message.Number}.eml");

    [GeneratedRegex(@"dmarc=(?<result>[a-z]+)(?: \(p=(?<policy>[a-z]+))?")]
    private static partial Regex Dmarc();

    private sealed record Opinion(string Spf, IReadOnlyList<bool> Dkim, string Dmarc, string? Policy);
}
