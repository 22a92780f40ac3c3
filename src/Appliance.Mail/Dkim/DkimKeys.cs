using Appliance.Mail.Dns;

namespace Appliance.Mail.Dkim;

/// <summary>Fetches the keys that signatures name, for DKIM and ARC.</summary>
internal sealed class DkimKeys(IDnsResolver dns)
{
    private const int MostRecords = 4;
    private readonly ReadRecords<(DkimKey? Key, string? Wrong)> _read = new(DkimKey.Parse);

    /// <summary>The key, or why there is none; a failure of the DNS is temporary.</summary>
    public async ValueTask<(DkimKey? Key, string? Wrong, bool IsTemporary)> FindAsync(string domain, string selector, CancellationToken cancellationToken)
    {
        var answer = await dns.QueryAsync($"{selector}._domainkey.{domain}", DnsType.Txt, cancellationToken);
        switch (answer.Outcome)
        {
            case DnsOutcome.Failed:
                return (null, $"{domain} could not be asked for its key", true);
            case DnsOutcome.NoName or DnsOutcome.NoData:
                return (null, $"{domain} has no key \"{selector}\"", false);
        }
        // RFC 6376 §3.6.2.2 leaves several records open; the first that is a key counts.
        string? wrong = null;
        foreach (var record in answer.Records.OfType<TxtRecord>().Take(MostRecords))
        {
            var (key, fault) = _read.Of(record.Text);
            if (key is not null)
                return (key, null, false);
            wrong ??= fault;
        }
        return (null, $"its key {wrong}", false);
    }
}
