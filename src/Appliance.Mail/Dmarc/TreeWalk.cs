using Appliance.Mail.Dns;

namespace Appliance.Mail.Dmarc;

/// <summary>
/// The records of a domain and of those above it (RFC 9989 §4.10), from which its organization shows without a list of public suffixes. At most eight questions, asked together.
/// </summary>
internal sealed class TreeWalk
{
    private const int MostQuestions = 8;
    private static readonly ReadRecords<DmarcRecord?> Known = new(DmarcRecord.Parse);
    private readonly IReadOnlyList<(string Domain, DmarcRecord Record)> _records;
    private readonly string _start;

    private TreeWalk(string start, IReadOnlyList<(string Domain, DmarcRecord Record)> records, bool hasFailed) => (_start, _records, HasFailed) = (start, records, hasFailed);

    /// <summary>A question was not answered: nothing can be said of the domain's organization now.</summary>
    public bool HasFailed { get; }

    /// <summary>The record at the very domain.</summary>
    public DmarcRecord? Own => _records is [var (domain, record), ..] && domain == _start ? record : null;

    /// <summary>§4.10.2.</summary>
    public string Organization
    {
        get
        {
            foreach (var (domain, record) in _records)
            {
                if (record.Suffix == DmarcSuffix.Organization)
                    return domain;
                if (record.Suffix == DmarcSuffix.Public && domain != _start)
                    return _start[(_start.LastIndexOf('.', _start.Length - domain.Length - 2) + 1)..];
            }
            return _records is [.., var (last, _)] ? last : _start;
        }
    }

    /// <summary>§4.10.1: of the organization, or of the public suffix above it.</summary>
    public (string Domain, DmarcRecord Record)? Inherited
    {
        get
        {
            var organization = Organization;
            foreach (var found in _records)
                if (found.Domain == organization || found.Record.Suffix == DmarcSuffix.Public)
                    return found;
            return null;
        }
    }

    /// <param name="domain">A-labels, lower case.</param>
    public static async ValueTask<TreeWalk> OfAsync(string domain, IDnsResolver dns, CancellationToken cancellationToken)
    {
        var names = NamesFrom(domain);
        var asked = names.ConvertAll(name => dns.QueryAsync("_dmarc." + name, DnsType.Txt, cancellationToken).AsTask());
        var records = new List<(string, DmarcRecord)>();
        for (var i = 0; i < names.Count; i++)
        {
            var answer = await asked[i];
            if (answer.Outcome == DnsOutcome.Failed)
                return new TreeWalk(domain, records, hasFailed: true);
            if (RecordIn(answer) is not { } record)
                continue;
            records.Add((names[i], record));
            if (record.Suffix != DmarcSuffix.Unsaid)
                break;
        }
        return new TreeWalk(domain, records, hasFailed: false);
    }

    /// <summary>Several records at one name are none.</summary>
    private static DmarcRecord? RecordIn(DnsAnswer answer)
    {
        DmarcRecord? only = null;
        foreach (var record in answer.Records)
        {
            if (record is not TxtRecord text || Known.Of(text.Text) is not { } found)
                continue;
            if (only is not null)
                return null;
            only = found;
        }
        return only;
    }

    /// <summary>§4.10: the domain, then from seven labels upwards.</summary>
    private static List<string> NamesFrom(string domain)
    {
        var labels = domain.Split('.');
        var names = new List<string>(MostQuestions) { domain };
        for (var count = Math.Min(labels.Length, MostQuestions) - 1; count > 0; count--)
            names.Add(string.Join('.', labels[^count..]));
        return names;
    }
}
