using Appliance.Crypto.Formats;
using Appliance.Mail.Arc;
using Appliance.Mail.Dkim;
using Appliance.Mail.Dmarc;
using Appliance.Mail.Spf;

namespace Appliance.Mail.Authentication;

/// <summary>What was found and decided, as the message's summary keeps it and a reader reads it.</summary>
public static class Verdicts
{
    public static Verdict Of(AuthenticationReport report, ArrivalDecision decision)
    {
        var dmarc = report.Dmarc;
        var isAligned = dmarc.SpfAligned || dmarc.AlignedDkimDomains.Count > 0;
        var isVouchedFor = decision is { Vouching: not null, Action: ArrivalAction.Accept };
        var result = dmarc.Result switch
        {
            DmarcResult.Pass => "pass",
            DmarcResult.Fail => isVouchedFor ? "pass" : "fail",
            DmarcResult.TempError => "temperror",
            // No policy is asked for, yet the author's own domain sent or signed it.
            DmarcResult.None when isAligned && report.Authors.Count == 1 => "pass",
            DmarcResult.None when report.Spf?.Result == SpfResult.TempError || report.Dkim.Any(one => one.Result == DkimResult.TempError) => "temperror",
            _ => "none",
        };
        return new Verdict(result, Reason(report, decision))
        {
            From = report.Authors is [var author] ? author : null,
            Spf = report.Spf is { } spf ? new MethodResult(spf.Word, spf.Domain.Length > 0 ? spf.Domain : null, dmarc.SpfAligned, spf.Reason) : null,
            Dkim = [.. report.Dkim.Select(one => new MethodResult(one.Word, one.Domain, one.Domain is { } domain && dmarc.AlignedDkimDomains.Contains(domain), one.Reason))],
            Dmarc = new MethodResult(dmarc.Word, dmarc.PolicyDomain, Reason: dmarc.Reason),
            Policy = dmarc.Result is DmarcResult.Pass or DmarcResult.Fail ? report.PolicyWord : null,
            Arc = report.Arc.Result == ArcResult.None ? null : new MethodResult(report.Arc.Word, report.Arc.Sealer, Reason: report.Arc.Reason),
            ArcTrusted = decision.Vouching is null ? null : true,
            Junk = decision.Action == ArrivalAction.Junk ? $"dmarc-{report.PolicyWord}" : null,
        };
    }

    private static string Reason(AuthenticationReport report, ArrivalDecision decision)
    {
        var signers = report.Dkim.Where(one => one.Result == DkimResult.Pass).Select(one => one.Domain!).Distinct().ToList();
        string?[] sentences =
        [
            $"{Sent(report.Spf)}, {Signed(report.Dkim, signers)}; DMARC {report.Dmarc.Word}: {report.Dmarc.Reason}.",
            report.Authors.Count > 1 ? $"It names several authors: {string.Join(", ", report.Authors)}." : null,
            decision.Vouching is { } sealer ? $"{sealer}, which this server trusts, passed it on and found it right." : null,
            (decision.Action, report.IsFromList) switch
            {
                (ArrivalAction.Junk, true) => $"{report.Dmarc.AuthorDomain} asks for {report.PolicyWord}; it was filed to Junk, since a mailing list may have changed it.",
                (ArrivalAction.Junk, false) => $"{report.Dmarc.AuthorDomain} asks for {report.PolicyWord}; it was filed to Junk.",
                _ => null,
            },
        ];
        return string.Join(' ', sentences.Where(sentence => sentence is not null));
    }

    private static string Sent(SpfOutcome? spf) => spf switch
    {
        null => "Sent by an unknown client",
        { Result: SpfResult.Pass } => $"Sent by {spf.Domain}",
        { Domain: "" } => "Sent by a client that names no domain",
        _ => $"Not known to be sent by {spf.Domain} (SPF {spf.Word})",
    };

    private static string Signed(IReadOnlyList<DkimOutcome> signatures, List<string> signers) =>
        signers.Count > 0 ? $"signed by {string.Join(" and ", signers)}"
        : signatures.Count > 0 ? "without a signature that holds"
        : "not signed";
}
