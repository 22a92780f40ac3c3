using Appliance.Mail.Addresses;
using Appliance.Mail.Dns;
using Appliance.Mail.Spf;

namespace Appliance.Mail.Dmarc;

/// <summary>
/// Domain-based Message Authentication (RFC 9989): whether the domain a reader sees sent the message (SPF) or signed it (DKIM), and what that domain wants done if not. A failure
/// of the DNS is temperror, never none.
/// </summary>
public sealed class DmarcChecker(IDnsResolver dns)
{
    /// <summary>Signers that are looked at.</summary>
    private const int MostSigners = 10;

    /// <param name="authorDomain">The domain of From, U- or A-labels.</param>
    /// <param name="spf">Of MAIL FROM, or of HELO for a bounce; null when SPF was not evaluated.</param>
    /// <param name="dkimPassed">The domains of the signatures that hold.</param>
    /// <param name="dkimTempError">Whether some signature could not be checked now.</param>
    public async ValueTask<DmarcOutcome> CheckAsync(
        string authorDomain, SpfOutcome? spf, IReadOnlyList<string> dkimPassed, bool dkimTempError, CancellationToken cancellationToken)
    {
        if (!MailDomain.TryParse(authorDomain.TrimEnd('.'), out var parsed) || parsed.Literal is not null)
            return Without(DmarcResult.PermError, authorDomain, $"\"{authorDomain}\" is no domain");
        var author = parsed.Ascii;
        var walk = await TreeWalk.OfAsync(author, dns, cancellationToken);
        if (walk.HasFailed && walk.Own is null)
            return Without(DmarcResult.TempError, author, $"{author} could not be asked for its policy");
        (string Domain, DmarcRecord Record)? found = walk.Own is { } own ? (author, own) : walk.Inherited;
        var policy = found is (_, { IsUsable: true }) ? found : null;
        var isTemporary = dkimTempError || spf?.Result == SpfResult.TempError;

        var spfAligned = false;
        if (spf is { Result: SpfResult.Pass })
            (spfAligned, isTemporary) = await IsAlignedAsync(spf.Domain, policy?.Record.Spf, isTemporary);
        var aligned = new List<string>();
        foreach (var signer in dkimPassed.Distinct().Take(MostSigners))
        {
            (var isAligned, isTemporary) = await IsAlignedAsync(signer, policy?.Record.Dkim, isTemporary);
            if (isAligned)
                aligned.Add(signer);
        }

        if (policy is not var (domain, record))
            return new DmarcOutcome(DmarcResult.None, author, null, DmarcPolicy.None, spfAligned, aligned, found is var (at, _) ? $"the policy of {at} cannot be read" : $"{author} publishes no policy");
        if (spfAligned || aligned.Count > 0)
        {
            var how = (spfAligned, aligned.Count > 0) switch { (true, true) => "sent and signed", (true, _) => "sent", _ => "signed" };
            return new DmarcOutcome(DmarcResult.Pass, author, domain, Milder(record, domain == author ? record.Policy : record.Subdomains), spfAligned, aligned, $"{(walk.HasFailed ? author : walk.Organization)} {how} it");
        }
        if (isTemporary)
            return new DmarcOutcome(DmarcResult.TempError, author, domain, DmarcPolicy.None, false, [], $"whether {author} sent or signed it could not be found out now");
        var asked = domain == author ? record.Policy
            : record.Nonexistent == record.Subdomains ? record.Subdomains
            : await ExistsAsync(author, cancellationToken) switch { true => record.Subdomains, false => record.Nonexistent, null => (DmarcPolicy)Math.Min((int)record.Subdomains, (int)record.Nonexistent) };
        var wanted = Milder(record, asked);
        return new DmarcOutcome(
            DmarcResult.Fail, author, domain, wanted, false, [],
            $"nothing shows that {author} sent or signed it" + (wanted == DmarcPolicy.None ? "" : $", and asks for {DmarcRecord.Word(wanted)}"));

        // §4.4: an identifier is of the author's organization only below that organization, so most others need no question.
        async ValueTask<(bool IsAligned, bool IsTemporary)> IsAlignedAsync(string identifier, DmarcAlignment? alignment, bool isTemporarySoFar)
        {
            if (identifier == author)
                return (true, isTemporarySoFar);
            if (alignment is null or DmarcAlignment.Strict)
                return (false, isTemporarySoFar);
            if (walk.HasFailed)
                return (false, true);
            if (!IsAtOrBelow(identifier, walk.Organization))
                return (false, isTemporarySoFar);
            if (identifier == walk.Organization)
                return (true, isTemporarySoFar);
            var other = await TreeWalk.OfAsync(identifier, dns, cancellationToken);
            return (!other.HasFailed && other.Organization == walk.Organization, isTemporarySoFar || other.HasFailed);
        }
    }

    /// <summary>t=y</summary>
    private static DmarcPolicy Milder(DmarcRecord record, DmarcPolicy policy) => record.IsTesting && policy > DmarcPolicy.None ? policy - 1 : policy;

    /// <summary>§3.2.12: no address and no exchange. Null: the DNS did not say.</summary>
    private async ValueTask<bool?> ExistsAsync(string domain, CancellationToken cancellationToken)
    {
        var hasFailed = false;
        foreach (var type in (DnsType[])[DnsType.Mx, DnsType.A, DnsType.Aaaa])
        {
            switch ((await dns.QueryAsync(domain, type, cancellationToken)).Outcome)
            {
                case DnsOutcome.Found:
                    return true;
                case DnsOutcome.NoName:
                    return false; // RFC 8020: of whatever type
                case DnsOutcome.Failed:
                    hasFailed = true;
                    break;
            }
        }
        return hasFailed ? null : false;
    }

    private static bool IsAtOrBelow(string domain, string above) =>
        domain == above || (domain.Length > above.Length && domain.EndsWith(above, StringComparison.Ordinal) && domain[^(above.Length + 1)] == '.');

    private static DmarcOutcome Without(DmarcResult result, string author, string reason) => new(result, author, null, DmarcPolicy.None, false, [], reason);
}
