using System.Net;
using System.Net.Sockets;
using Appliance.Mail.Dns;

namespace Appliance.Mail.Spf;

/// <summary>One evaluation of check_host() (RFC 7208 §4), with all it includes and redirects to.</summary>
internal sealed class SpfEvaluation(
    IDnsResolver dns, IPAddress client, string senderLocal, string senderDomain, string helo, string receiver, DateTimeOffset now, CancellationToken cancellationToken)
{
    private const int MostLookups = 10;
    private const int MostVoidLookups = 2;
    private const int MostNames = 10;
    private static readonly ReadRecords<(SpfRecord? Record, string? Wrong)> Known = new(SpfRecord.Parse);
    private int _voids;
    private IReadOnlyList<string>? _validatedNames;

    public int Lookups { get; private set; }

    /// <summary>Ends the evaluation wherever it is.</summary>
    private sealed class Broken(SpfResult result, string reason) : Exception(reason)
    {
        public SpfResult Result => result;
    }

    public async ValueTask<SpfOutcome> RunAsync()
    {
        try
        {
            return await CheckAsync(senderDomain, isIncluded: false) with { Domain = senderDomain, Lookups = Lookups };
        }
        catch (Broken broken)
        {
            return new SpfOutcome(broken.Result, senderDomain, broken.Message, Lookups);
        }
    }

    /// <summary>§4.3: labels of 1 to 63 octets, at least two, 253 in all.</summary>
    public static bool CanBeAsked(string domain) =>
        domain.Contains('.', StringComparison.Ordinal) && domain[0] != '[' && DnsName.HasLabels(domain);

    private async ValueTask<SpfOutcome> CheckAsync(string domain, bool isIncluded)
    {
        if (!CanBeAsked(domain))
            return Outcome(SpfResult.None, $"{domain} is no name that could be asked");
        var answer = await dns.QueryAsync(domain, DnsType.Txt, cancellationToken);
        if (answer.Outcome == DnsOutcome.Failed)
            throw new Broken(SpfResult.TempError, $"the DNS of {domain} did not answer");
        var texts = answer.Records.OfType<TxtRecord>().Select(record => record.Text).Where(SpfRecord.Is).ToList();
        if (texts.Count == 0)
            return Outcome(SpfResult.None, $"{domain} does not say who may send for it");
        if (texts.Count > 1)
            throw new Broken(SpfResult.PermError, $"{domain} has more than one SPF record");
        var (record, wrong) = Known.Of(texts[0]);
        if (record is null)
            throw new Broken(SpfResult.PermError, $"the SPF record of {domain} is wrong at \"{wrong}\"");

        foreach (var directive in record.Directives)
        {
            if (!await MatchesAsync(directive, domain))
                continue;
            return Outcome(directive.Qualified, Sentence(directive.Qualified, domain)) with
            {
                Explanation = directive.Qualified == SpfResult.Fail && !isIncluded ? await ExplainAsync(record, domain) : null,
            };
        }
        if (record.Redirect is not { } redirect)
            return Outcome(SpfResult.Neutral, Sentence(SpfResult.Neutral, domain));
        CountLookup(domain);
        var target = await ExpandAsync(redirect, domain);
        var redirected = await CheckAsync(target, isIncluded);
        return redirected.Result == SpfResult.None // §6.1
            ? throw new Broken(SpfResult.PermError, $"{domain} refers to {target}, which has no SPF record")
            : redirected;
    }

    private async ValueTask<bool> MatchesAsync(SpfDirective directive, string domain)
    {
        if (directive.Mechanism is not (SpfMechanism.All or SpfMechanism.Ip4 or SpfMechanism.Ip6))
            CountLookup(domain);
        var target = directive.Domain is { } spec ? await ExpandAsync(spec, domain) : domain;
        switch (directive.Mechanism)
        {
            case SpfMechanism.All:
                return true;
            case SpfMechanism.Ip4 or SpfMechanism.Ip6:
                return IsIn(directive.Network!, directive);
            case SpfMechanism.Include:
                return (await CheckAsync(target, isIncluded: true)).Result switch // §5.2
                {
                    SpfResult.Pass => true,
                    SpfResult.None => throw new Broken(SpfResult.PermError, $"{domain} includes {target}, which has no SPF record"),
                    _ => false,
                };
            case SpfMechanism.A:
                return (await AddressesAsync(target, domain)).Any(address => IsIn(address, directive));
            case SpfMechanism.Exists:
                return (await AskAsync(target, DnsType.A, domain)).Count > 0; // §5.7: A, whatever the client's family
            case SpfMechanism.Mx:
                var exchanges = await AskAsync(target, DnsType.Mx, domain);
                if (exchanges.Count > MostNames)
                    throw new Broken(SpfResult.PermError, $"{target} has more than {MostNames} MX records");
                foreach (var exchange in exchanges.Cast<MxRecord>())
                    if ((await AskAsync(exchange.Exchange, AddressType, domain, countsVoid: false)).Cast<AddressRecord>().Any(record => IsIn(record.Address, directive)))
                        return true;
                return false;
            default:
                return (await ValidatedNamesAsync(domain)).Any(name => IsAtOrUnder(name, target));
        }
    }

    private DnsType AddressType => client.AddressFamily == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa;

    private async ValueTask<IEnumerable<IPAddress>> AddressesAsync(string name, string domain) =>
        (await AskAsync(name, AddressType, domain)).Cast<AddressRecord>().Select(record => record.Address);

    private async ValueTask<IReadOnlyList<DnsRecord>> AskAsync(string name, DnsType type, string domain, bool countsVoid = true)
    {
        var answer = CanBeAsked(name) ? await dns.QueryAsync(name, type, cancellationToken) : DnsAnswer.NoName;
        if (answer.Outcome == DnsOutcome.Failed)
            throw new Broken(SpfResult.TempError, $"the DNS of {name}, which {domain} refers to, did not answer");
        if (answer.Outcome != DnsOutcome.Found && countsVoid && ++_voids > MostVoidLookups)
            throw new Broken(SpfResult.PermError, $"the SPF record of {domain} refers to more than {MostVoidLookups} names that do not exist");
        return answer.Records;
    }

    /// <summary>§5.5: names that the client's address leads to and that lead back to it; failures of the DNS only lose names. Looked up once: no limit counts how often a macro asks.</summary>
    private async ValueTask<IReadOnlyList<string>> ValidatedNamesAsync(string domain) => _validatedNames ??= await FindNamesAsync(domain);

    private async ValueTask<IReadOnlyList<string>> FindNamesAsync(string domain)
    {
        var answer = await dns.QueryAsync(ReverseName.Of(client), DnsType.Ptr, cancellationToken);
        if (answer.Outcome is DnsOutcome.NoName or DnsOutcome.NoData && ++_voids > MostVoidLookups)
            throw new Broken(SpfResult.PermError, $"the SPF record of {domain} refers to more than {MostVoidLookups} names that do not exist");
        var names = new List<string>();
        foreach (var name in answer.Records.OfType<PtrRecord>().Select(record => record.Name).Take(MostNames))
        {
            var back = CanBeAsked(name) ? await dns.QueryAsync(name, AddressType, cancellationToken) : DnsAnswer.NoName;
            if (back.Records.OfType<AddressRecord>().Any(record => record.Address.Equals(client)))
                names.Add(name);
        }
        return names;
    }

    /// <summary>§7.3, macro p: the domain itself, else a name under it, else any.</summary>
    private async ValueTask<string> ValidatedNameAsync(string domain)
    {
        var names = await ValidatedNamesAsync(domain);
        return names.FirstOrDefault(name => name.Equals(domain, StringComparison.OrdinalIgnoreCase))
            ?? names.FirstOrDefault(name => IsAtOrUnder(name, domain))
            ?? (names.Count > 0 ? names[0] : "unknown");
    }

    private ValueTask<string> ExpandAsync(string spec, string domain) => SpfMacro.ExpandDomainAsync(spec, Values(domain));

    private SpfMacroValues Values(string domain) =>
        new(client, senderLocal, senderDomain, helo, domain, () => ValidatedNameAsync(domain), receiver, now);

    /// <summary>§6.2: whatever goes wrong with an explanation, the result stands.</summary>
    private async ValueTask<string?> ExplainAsync(SpfRecord record, string domain)
    {
        if (record.Explanation is not { } spec)
            return null;
        try
        {
            var target = await ExpandAsync(spec, domain);
            var answer = CanBeAsked(target) ? await dns.QueryAsync(target, DnsType.Txt, cancellationToken) : DnsAnswer.NoName;
            return answer.Records is [TxtRecord { Text: var text }] && System.Text.Ascii.IsValid(text)
                && text.Split(' ').All(SpfMacro.IsMacroString)
                ? await SpfMacro.ExpandAsync(text, Values(domain), isExplanation: true)
                : null;
        }
        catch (Broken)
        {
            return null;
        }
    }

    private void CountLookup(string domain)
    {
        if (++Lookups > MostLookups)
            throw new Broken(SpfResult.PermError, $"the SPF record of {domain} needs more than {MostLookups} lookups");
    }

    private bool IsIn(IPAddress network, SpfDirective directive)
    {
        if (network.AddressFamily != client.AddressFamily)
            return false;
        var bits = client.AddressFamily == AddressFamily.InterNetwork ? directive.Bits4 : directive.Bits6;
        var (ours, theirs) = (client.GetAddressBytes(), network.GetAddressBytes());
        for (var i = 0; bits > 0; i++, bits -= 8)
        {
            var mask = bits >= 8 ? 0xff : 0xff << (8 - bits) & 0xff;
            if (((ours[i] ^ theirs[i]) & mask) != 0)
                return false;
        }
        return true;
    }

    private static bool IsAtOrUnder(string name, string domain) =>
        name.Equals(domain, StringComparison.OrdinalIgnoreCase) || name.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase);

    private static SpfOutcome Outcome(SpfResult result, string reason) => new(result, "", reason, 0);

    private static string Sentence(SpfResult result, string domain) => result switch
    {
        SpfResult.Pass => $"{domain} says that this server sends for it",
        SpfResult.Fail => $"{domain} says that this server does not send for it",
        SpfResult.SoftFail => $"{domain} says that this server probably does not send for it",
        _ => $"{domain} does not say whether this server sends for it",
    };
}
