using Appliance.Mail.Arc;
using Appliance.Mail.AuthResults;
using Appliance.Mail.Dmarc;
using Appliance.Mail.Smtp;

namespace Appliance.Mail.Authentication;

/// <summary>What becomes of a message.</summary>
public enum ArrivalAction
{
    Accept,

    /// <summary>Kept, in Junk.</summary>
    Junk,

    /// <summary>550: the sender is told at once.</summary>
    Refuse,

    /// <summary>451: the sender tries again.</summary>
    Defer,
}

/// <summary>What a receiver wants done. The defaults are those of a careful small business.</summary>
public sealed record ArrivalRules
{
    /// <summary>DMARC fails and the author's domain asks for refusal: <c>Refuse</c>, <c>Junk</c> or <c>Accept</c>.</summary>
    public ArrivalAction OnReject { get; init; } = ArrivalAction.Refuse;

    /// <summary>DMARC fails and the author's domain asks for quarantine.</summary>
    public ArrivalAction OnQuarantine { get; init; } = ArrivalAction.Junk;

    /// <summary>DMARC fails, and a trusted sealer says that it passed before it changed the message.</summary>
    public ArrivalAction OnTrustedChain { get; init; } = ArrivalAction.Junk;

    /// <summary>The DNS did not answer: <c>Accept</c> or <c>Defer</c>.</summary>
    public ArrivalAction OnTemporaryError { get; init; } = ArrivalAction.Accept;

    /// <summary>For mail that another server took already: a refusal would only make that one write to somebody who may know of nothing.</summary>
    public ArrivalRules WithoutRefusal() => this with { OnReject = Soften(OnReject), OnQuarantine = Soften(OnQuarantine) };

    private static ArrivalAction Soften(ArrivalAction action) => action == ArrivalAction.Refuse ? ArrivalAction.Junk : action;
}

/// <param name="Reply">The refusal; null when the message is kept.</param>
/// <param name="Vouching">The sealer whose word counted.</param>
public sealed record ArrivalDecision(ArrivalAction Action, SmtpReply? Reply = null, string? Vouching = null);

/// <summary>
/// Decides by DMARC (RFC 9989 §5.4: a policy is a wish, the decision is the receiver's). A refusal is softened to Junk where something honest may have broken the
/// signatures: a chain that a trusted sealer sealed, or a list.
/// </summary>
public static class ArrivalPolicy
{
    /// <param name="trustedSealers">Domains, A-labels, lower case.</param>
    public static ArrivalDecision Decide(AuthenticationReport report, ArrivalRules rules, IReadOnlySet<string> trustedSealers)
    {
        var dmarc = report.Dmarc;
        if (dmarc.Result == DmarcResult.TempError && rules.OnTemporaryError == ArrivalAction.Defer)
            return new ArrivalDecision(ArrivalAction.Defer, new SmtpReply(451, "4.4.3", $"{Named(dmarc.AuthorDomain)} could not be asked about this message (DNS), try again later", "dmarc temperror"));
        if (dmarc.Result != DmarcResult.Fail || dmarc.Policy == DmarcPolicy.None)
            return new ArrivalDecision(ArrivalAction.Accept);
        if (Vouching(report, trustedSealers) is { } sealer)
            return new ArrivalDecision(rules.OnTrustedChain, Refusal(rules.OnTrustedChain, dmarc.AuthorDomain), sealer);
        var action = dmarc.Policy == DmarcPolicy.Reject ? rules.OnReject : rules.OnQuarantine;
        if (action == ArrivalAction.Refuse && (report.IsFromList || IsTrusted(report.Arc, trustedSealers)))
            action = ArrivalAction.Junk;
        return new ArrivalDecision(action, Refusal(action, dmarc.AuthorDomain));
    }

    private static SmtpReply? Refusal(ArrivalAction action, string author) => action switch
    {
        // RFC 7372 §3.3
        ArrivalAction.Refuse => new SmtpReply(550, "5.7.26", $"{Named(author)} asks that mail in its name which it did not send or sign be refused (DMARC). Send it through that domain's own mail servers", "dmarc reject"),
        ArrivalAction.Defer => new SmtpReply(451, "4.7.26", $"{Named(author)} did not send or sign this message (DMARC), try again later", "dmarc defer"),
        _ => null,
    };

    private static string Named(string author) => author.Length > 0 ? author : "The author's domain";

    private static bool IsTrusted(ArcOutcome arc, IReadOnlySet<string> trusted) => arc is { Result: ArcResult.Pass, CoversFrom: true, Sealer: { } sealer } && trusted.Contains(sealer);

    /// <summary>
    /// The trusted sealer that saw DMARC pass for this author. Its word counts only if everybody who had the message after it is trusted too: anybody else may have
    /// written what they liked.
    /// </summary>
    private static string? Vouching(AuthenticationReport report, IReadOnlySet<string> trusted)
    {
        if (!IsTrusted(report.Arc, trusted))
            return null;
        foreach (var hop in report.Arc.Hops.Reverse().TakeWhile(hop => trusted.Contains(hop.Domain)))
        {
            if (AuthResultsField.Parse(hop.Results) is not (_, var results))
                continue;
            // Without the author's name the result is of no use (RFC 8601 §2.7.6 wants it there).
            if (results.Any(result => result is { Method: "dmarc", Result: "pass" } && string.Equals(result["header.from"], report.Dmarc.AuthorDomain, StringComparison.OrdinalIgnoreCase)))
                return hop.Domain;
        }
        return null;
    }
}
