using Appliance.Mail.Dns;

namespace Appliance.Mail.Tests.Dns;

/// <summary>TXT records without a network, for tests that are not about the DNS.</summary>
internal sealed class Zone : IDnsResolver
{
    public Dictionary<string, string[]> Texts { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    public HashSet<string> Failing { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    public List<string> Asked { get; } = [];

    public ValueTask<DnsAnswer> QueryAsync(string name, DnsType type, CancellationToken cancellationToken)
    {
        Asked.Add(name);
        if (Failing.Contains(name))
            return ValueTask.FromResult(DnsAnswer.Failed);
        if (!Texts.TryGetValue(name, out var texts))
            return ValueTask.FromResult(DnsAnswer.NoName);
        return ValueTask.FromResult(type == DnsType.Txt ? new DnsAnswer(DnsOutcome.Found, [.. texts.Select(text => new TxtRecord(text))]) : DnsAnswer.NoData);
    }
}
