using Appliance.Mail.Dkim;
using Appliance.Mail.Dns;
using Appliance.Mail.Headers;

namespace Appliance.Mail.Arc;

/// <summary>
/// Validates the chain of those who passed a message on (RFC 8617 §5.2): every set complete and in order, the last one's signature over the message, and every seal. That a
/// chain holds says who sealed it and no more: whether to believe them is the receiver's choice.
/// </summary>
public sealed class ArcValidator(IDnsResolver dns)
{
    private readonly DkimKeys _keys = new(dns);

    public async ValueTask<ArcOutcome> ValidateAsync(HeaderBlock message, CancellationToken cancellationToken)
    {
        var (sets, wrong) = ArcSet.ReadAll(message);
        if (wrong is not null)
            return Fail(wrong);
        if (sets.Count == 0)
            return new ArcOutcome(ArcResult.None, [], CoversFrom: false, "nobody sealed it on its way");
        foreach (var set in sets)
        {
            // §5.2 step 3C, and step 2 for the last
            if (set.ChainStatus != (set.Instance == 1 ? "none" : "pass"))
                return Fail(set.ChainStatus == "fail" ? "it was broken when it was sealed" : "a seal says the wrong thing of the chain before it");
        }
        // Step 4
        var (signature, changed) = await VerifyMessageAsync(sets[^1], message, cancellationToken);
        if (signature is null)
            return Fail(changed!);
        var hops = new List<ArcHop>(sets.Count);
        foreach (var set in sets.Reverse())
        {
            var (seal, fault) = ArcSeal.Parse(set);
            if (seal is null)
                return Fail(fault!);
            var (key, missing, _) = await _keys.FindAsync(seal.Domain, seal.Selector, cancellationToken);
            if (key is null)
                return Fail(missing!);
            if (key.Algorithm != seal.Algorithm || !key.Verify(ArcSeal.HashOf(sets.Take(set.Instance)), seal.Signature))
                return Fail($"the seal of {seal.Domain} does not hold");
            hops.Insert(0, new ArcHop(set.Instance, seal.Domain, set.Results));
        }
        return new ArcOutcome(ArcResult.Pass, hops, signature.CoversFrom, $"sealed by {string.Join(", then ", hops.Select(hop => hop.Domain).Distinct())}");
    }

    private async ValueTask<(DkimSignature? Signature, string? Wrong)> VerifyMessageAsync(ArcSet last, HeaderBlock message, CancellationToken cancellationToken)
    {
        var (signature, wrong) = DkimSignature.ParseArc(last.Message, last.MessageTags);
        if (signature is null)
            return (null, wrong);
        // §4.1.2: a seal covers the signature, so the signature cannot cover a seal.
        if (signature.SignedFields.Contains("arc-seal", StringComparer.OrdinalIgnoreCase))
            return (null, "a signature of the chain covers seals");
        var (key, missing, _) = await _keys.FindAsync(signature.Domain, signature.Selector, cancellationToken);
        if (key is null)
            return (null, missing);
        var (result, reason) = DkimVerifier.Verify(signature, key, new MessageHash(message));
        return result == DkimResult.Pass ? (signature, null) : (null, reason);
    }

    private static ArcOutcome Fail(string reason) => new(ArcResult.Fail, [], CoversFrom: false, $"the chain of those who passed it on is broken: {reason}");
}
