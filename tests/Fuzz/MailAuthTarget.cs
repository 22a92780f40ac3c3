using System.Buffers;
using System.Net;
using System.Text;
using Appliance.Crypto.Formats;
using Appliance.Mail.Arc;
using Appliance.Mail.Arrivals;
using Appliance.Mail.Authentication;
using Appliance.Mail.AuthResults;
using Appliance.Mail.Dkim;
using Appliance.Mail.Dns;
using Appliance.Mail.Headers;
using Appliance.Mail.Junk;

namespace Appliance.Fuzz;

/// <summary>
/// A message and the DNS it is judged by, both hostile. After a line of dashes the input has records, <c>NAME TEXT</c>, each a TXT record and, where it reads as one, an address. The
/// checks must end, with results that can be written, read and kept.
/// </summary>
internal sealed class MailAuthTarget : IFuzzTarget
{
    private const string Us = "mx.example.org";
    private static readonly byte[] Divider = "\r\n------\r\n"u8.ToArray();

    public string Name => "mailauth";

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        "\r\n"u8.ToArray(), "\r\n\r\n"u8.ToArray(), Divider, ";"u8.ToArray(), "="u8.ToArray(), "b="u8.ToArray(), "h=from:from"u8.ToArray(), "l=0"u8.ToArray(), "i=50"u8.ToArray(), "cv=pass"u8.ToArray(),
        "DKIM-Signature: "u8.ToArray(), "ARC-Seal: "u8.ToArray(), "From: a@b.example\r\n"u8.ToArray(), "Authentication-Results: mx.example.org"u8.ToArray(), "("u8.ToArray(), "\""u8.ToArray(), "\\"u8.ToArray(),
        "include:author.example"u8.ToArray(), "redirect="u8.ToArray(), "%{s}"u8.ToArray(), "exists:"u8.ToArray(), "psd=y"u8.ToArray(), "p=reject"u8.ToArray(), "k=rsa"u8.ToArray(), "p="u8.ToArray(), "\0"u8.ToArray(), [0xFF],
        "Received: from a ([192.0.2.1] helo=b) (c) "u8.ToArray(), "Content-Type: text/html\r\n"u8.ToArray(), "<a href=\"https://b.example/\">https://a.example</a>"u8.ToArray(), "<a href='"u8.ToArray(),
    ];

    public IReadOnlyList<byte[]> Corpus()
    {
        using var author = SigningKey.FromSeed("author.example", "a", new byte[32]);
        using var list = SigningKey.FromSeed("lists.example", "l", [.. Enumerable.Repeat((byte)1, 32)]);
        var records = Encoding.UTF8.GetBytes(
            $"a._domainkey.author.example {author.Record()}\nl._domainkey.lists.example {list.Record()}\n_dmarc.author.example v=DMARC1; p=reject; sp=none; np=reject; adkim=s; t=y; rua=mailto:x@author.example\n"
            + "_dmarc.example v=DMARC1; p=none; psd=y\nauthor.example v=spf1 a mx include:other.example ip4:192.0.2.0/24 ip6:2001:db8::/32 ptr exists:%{ir}.%{l1r-}.%{d2} redirect=other.example\n"
            + "other.example v=spf1 ?include:author.example ~all exp=why.other.example\nwhy.other.example %{s} is not allowed at %{c}\nclient.example v=spf1 a -all\nauthor.example 192.0.2.1\n");
        var corpus = new List<byte[]>();
        foreach (var message in Seeds.Messages().Where(seed => seed.Length < 20_000).Take(10))
        {
            byte[] text = [.. "Authentication-Results: mx.example.org 1; dkim=pass (good) header.d=author.example\r\nFrom: Ann <ann@author.example>\r\nList-Id: <x.lists.example>\r\n"u8, .. message];
            using var unsigned = HeaderBlock.Read(new ReadOnlySequence<byte>(text))!;
            byte[] signed = [.. DkimSigner.Sign(unsigned, author, DateTimeOffset.UnixEpoch), .. text];
            using var header = HeaderBlock.Read(new ReadOnlySequence<byte>(signed))!;
            byte[] passedOn = [.. ArcSealer.Seal(header, "lists.example; dmarc=pass header.from=author.example", ArcResult.None, list, DateTimeOffset.UnixEpoch)!, .. signed];
            corpus.Add([.. passedOn, .. Divider, .. records]);
        }
        return corpus;
    }

    public void Run(ReadOnlyMemory<byte> input)
    {
        var at = input.Span.LastIndexOf(Divider);
        var message = new ReadOnlySequence<byte>(at < 0 ? input : input[..at]);
        var dns = new Records(at < 0 ? "" : Encoding.Latin1.GetString(input.Span[(at + Divider.Length)..]));
        using var header = HeaderBlock.Read(message);
        if (header is null)
            return;
        var mailFrom = header.All("Return-Path").Select(field => Encoding.UTF8.GetString(field.Value.Span).Trim()).FirstOrDefault() ?? "ann@author.example";
        // Nothing waits: what does not end at once is caught as a hang.
        var check = new MailAuthenticator(dns, TimeProvider.System, Us).CheckAsync(IPAddress.Parse("192.0.2.1"), "client.example", mailFrom, header, CancellationToken.None).AsTask();
        var report = check.GetAwaiter().GetResult();
        var decision = ArrivalPolicy.Decide(report, new ArrivalRules(), new HashSet<string> { "lists.example" });

        var (server, results) = AuthResultsField.Parse(AuthResultsField.Format(Us, report.ToAuthResults("client.example"))) ?? ("", []);
        FormatsTarget.Assert(server == Us && results.Count == report.ToAuthResults("client.example").Count);
        var removed = AuthResultsField.FindForged(header, Us);
        var arrival = ArrivalReader.Read(message, removed);
        using var kept = HeaderBlock.Read(arrival.Kept)!;
        FormatsTarget.Assert(AuthResultsField.FindForged(kept, Us).Count == 0);
        FormatsTarget.Assert(arrival.Kept.Length + removed.Sum(piece => piece.Bytes.Length) == message.Length);
        FormatsTarget.Assert(arrival.Segments.Sum(segment => segment.Length) == arrival.Kept.Length);
        foreach (var field in header.All("Received"))
            ReceivedField.Parse(field.Value.Span);
        FormatsTarget.Assert(JunkSigns.Of(new JunkEvidence(arrival.Summary, message, Verdicts.Of(report, decision), "client.example", IsKnown: false, _ => true)).All(sign => sign.Points != 0));
        var summary = (arrival.Summary with { Verdict = Verdicts.Of(report, decision) }).ToJson();
        FormatsTarget.Assert(Summary.FromJson(summary).ToJson().AsSpan().SequenceEqual(summary));
    }

    private sealed class Records(string lines) : IDnsResolver
    {
        private readonly ILookup<string, string> _records = lines.Split('\n').Select(line => line.Split(' ', 2)).Where(parts => parts.Length == 2)
            .ToLookup(parts => parts[0], parts => parts[1], StringComparer.OrdinalIgnoreCase);

        public ValueTask<DnsAnswer> QueryAsync(string name, DnsType type, CancellationToken cancellationToken)
        {
            if (!_records.Contains(name))
                return ValueTask.FromResult(DnsAnswer.NoName);
            List<DnsRecord> found = [.. _records[name].Select(text => Read(text, type)).Where(record => record is not null).Select(record => record!)];
            return ValueTask.FromResult(found.Count > 0 ? new DnsAnswer(DnsOutcome.Found, found) : DnsAnswer.NoData);
        }

        private static DnsRecord? Read(string text, DnsType type) => type switch
        {
            DnsType.Txt => new TxtRecord(text),
            DnsType.Mx => new MxRecord(1, text),
            DnsType.Ptr => new PtrRecord(text),
            _ => IPAddress.TryParse(text, out var address) ? new AddressRecord(address) : null,
        };
    }
}
