using System.Collections.Concurrent;
using Appliance.Mail.Dns;

namespace Appliance.Mail.Dkim;

/// <summary>Fetches the keys that signatures name, for DKIM and ARC, and keeps those it has read; whether they still hold, the DNS says each time.</summary>
internal sealed class DkimKeys(IDnsResolver dns)
{
    private const int MostRecords = 4, MostKept = 1_000, LongestKept = 4_096;
    private readonly ConcurrentDictionary<string, DkimKey> _read = new();

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
            if (_read.TryGetValue(record.Text, out var known))
                return (known, null, false);
            var (key, fault) = DkimKey.Parse(record.Text);
            if (key is not null)
            {
                if (_read.Count >= MostKept)
                    _read.Clear();
                if (record.Text.Length <= LongestKept)
                    _read[record.Text] = key;
                return (key, null, false);
            }
            wrong ??= fault;
        }
        return (null, $"its key {wrong}", false);
    }
}
