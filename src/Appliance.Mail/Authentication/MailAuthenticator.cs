using System.Net;
using Appliance.Mail.Arc;
using Appliance.Mail.Dkim;
using Appliance.Mail.Dmarc;
using Appliance.Mail.Dns;
using Appliance.Mail.Headers;
using Appliance.Mail.Spf;

namespace Appliance.Mail.Authentication;

/// <summary>
/// Asks all that can be asked of where a message comes from: SPF, DKIM and ARC beside one another, then DMARC, which weighs them. Everything within one deadline; what
/// is not known by then is a temporary error.
/// </summary>
/// <param name="receiver">Our name, for explanations.</param>
public sealed class MailAuthenticator(IDnsResolver dns, TimeProvider time, string receiver = "unknown", TimeSpan? deadline = null)
{
    private static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(30);
    private readonly SpfChecker _spf = new(dns, time, receiver, deadline ?? DefaultDeadline);
    private readonly DkimVerifier _dkim = new(dns, time);
    private readonly ArcValidator _arc = new(dns);
    private readonly DmarcChecker _dmarc = new(dns);

    /// <param name="client">Null: not known, so there is no SPF.</param>
    /// <param name="mailFrom">The reverse-path without its brackets; empty for a bounce.</param>
    public ValueTask<AuthenticationReport> CheckAsync(IPAddress? client, string helo, string mailFrom, HeaderBlock message, CancellationToken cancellationToken) =>
        CheckAsync(client, helo, mailFrom, message, Authors.In(message).Domains, cancellationToken);

    /// <param name="client">Null: not known, so there is no SPF.</param>
    /// <param name="mailFrom">The reverse-path without its brackets; empty for a bounce.</param>
    /// <param name="authors">The domains of the message's <see cref="Authors"/>.</param>
    public async ValueTask<AuthenticationReport> CheckAsync(
        IPAddress? client, string helo, string mailFrom, HeaderBlock message, IReadOnlyList<string> authors, CancellationToken cancellationToken)
    {
        using var overdue = new CancellationTokenSource(deadline ?? DefaultDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(overdue.Token, cancellationToken);
        // DMARC's first question does not depend on the others' answers: by the time it is asked, it is in the cache.
        foreach (var author in authors.Where(author => author != Authors.Unreadable))
            _ = dns.QueryAsync("_dmarc." + author, DnsType.Txt, either.Token).Preserve();
        var spf = client is null ? null : _spf.CheckSenderAsync(client, helo, mailFrom, cancellationToken).AsTask();
        var ofHelo = client is null || mailFrom.Length == 0 ? spf : _spf.CheckHeloAsync(client, helo, cancellationToken).AsTask();
        var dkim = InTimeAsync(_dkim.VerifyAsync(message, either.Token), () => [new DkimOutcome(DkimResult.TempError, null, null, null, "the signatures could not be checked in time")]);
        var arc = InTimeAsync(_arc.ValidateAsync(message, either.Token), () => new ArcOutcome(ArcResult.Fail, [], CoversFrom: false, "the chain could not be checked in time"));
        var sender = spf is null ? null : await spf;
        var greeting = ofHelo is null ? null : await ofHelo;
        var signatures = await dkim;
        var signers = signatures.Where(one => one.Result == DkimResult.Pass).Select(one => one.Domain!).Distinct().ToList();
        var isTemporary = signatures.Any(one => one.Result == DkimResult.TempError);
        DmarcOutcome? worst = null;
        foreach (var author in authors)
        {
            var outcome = author == Authors.Unreadable ? UnreadableAuthor() : await InTimeAsync(
                _dmarc.CheckAsync(author, sender, signers, isTemporary, either.Token),
                () => new DmarcOutcome(DmarcResult.TempError, author, null, DmarcPolicy.None, false, [], $"{author} could not be asked in time"));
            worst = worst is null || Badness(outcome) > Badness(worst) ? outcome : worst;
        }
        return new AuthenticationReport(
            [.. authors.Where(author => author != Authors.Unreadable)], sender, greeting, mailFrom, signatures, await arc, worst ?? NoAuthor(), MailingList.HasPassedOn(message, mailFrom, authors));

        // SPF has a deadline of its own.
        async Task<T> InTimeAsync<T>(ValueTask<T> check, Func<T> late)
        {
            try
            {
                return await check;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return late();
            }
        }
    }

    private static DmarcOutcome UnreadableAuthor() => new(DmarcResult.PermError, "", null, DmarcPolicy.None, false, [], "an author's domain cannot be read");

    private static DmarcOutcome NoAuthor() => new(DmarcResult.PermError, "", null, DmarcPolicy.None, false, [], "the message names no author");

    private static int Badness(DmarcOutcome outcome) => outcome.Result switch
    {
        DmarcResult.Fail => 10 + (int)outcome.Policy,
        DmarcResult.TempError => 5,
        DmarcResult.PermError => 4,
        DmarcResult.None => 3,
        _ => 0,
    };
}
