using Appliance.Mail.Dns;
using Appliance.Mail.Headers;

namespace Appliance.Mail.Dkim;

/// <summary>
/// Verifies the DKIM signatures of a message (RFC 6376, RFC 8301, RFC 8463) on its exact bytes. The body is hashed once for each canonicalization. A signature that covers only
/// the beginning of the body (<c>l=</c>) proves nothing about what a reader sees, so it never passes.
/// </summary>
public sealed class DkimVerifier(IDnsResolver dns, TimeProvider time)
{
    /// <summary>More are not looked at: each costs a question and a verification.</summary>
    public const int MostSignatures = 10;

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);
    private readonly DkimKeys _keys = new(dns);

    /// <summary>One outcome for each signature, from the top; none for a message that is not signed.</summary>
    public async ValueTask<IReadOnlyList<DkimOutcome>> VerifyAsync(HeaderBlock message, CancellationToken cancellationToken)
    {
        var hash = new MessageHash(message);
        var outcomes = new List<DkimOutcome>();
        // The questions are asked together; the hashing then waits for each.
        var signatures = new List<(RawField Field, DkimSignature? Signature, string? Wrong, Task<(DkimKey? Key, string? Wrong, bool IsTemporary)>? Key)>();
        foreach (var field in message.All("DKIM-Signature").Take(MostSignatures))
        {
            var (signature, wrong) = DkimSignature.Parse(field);
            signatures.Add((field, signature, wrong, signature is null ? null : _keys.FindAsync(signature.Domain, signature.Selector, cancellationToken).AsTask()));
        }
        foreach (var (field, signature, wrong, key) in signatures)
        {
            if (signature is null || key is null)
            {
                var (domain, selector, algorithm) = DkimSignature.NamesIn(field);
                outcomes.Add(new DkimOutcome(DkimResult.PermError, domain, selector, algorithm, wrong!));
                continue;
            }
            var (result, reason) = await VerifyAsync(signature, hash, key);
            outcomes.Add(new DkimOutcome(
                result, signature.Domain, signature.Selector, signature.Algorithm.Word(), reason, signature.Beginning));
        }
        return outcomes;
    }

    private async ValueTask<(DkimResult, string)> VerifyAsync(
        DkimSignature signature, MessageHash message, Task<(DkimKey? Key, string? Wrong, bool IsTemporary)> asked)
    {
        if (signature.Expires is { } expires && time.GetUtcNow() - ClockSkew > FromSeconds(expires))
        {
            await asked;
            return (DkimResult.PermError, $"the signature of {signature.Domain} has expired");
        }
        var (key, wrong, isTemporary) = await asked;
        if (key is null)
            return (isTemporary ? DkimResult.TempError : DkimResult.PermError, wrong!);
        if (key.IsStrict && signature.Identity != signature.Domain)
            return (DkimResult.PermError, $"{signature.Domain} does not sign for {signature.Identity}");
        var (result, reason) = Verify(signature, key, message);
        // RFC 6376 §3.6.1 (t=y): a failure of a domain that is testing counts as no signature. A success proves what it proves, and refusing it would only hurt honest mail.
        return result == DkimResult.Fail && key.IsTesting ? (DkimResult.Neutral, $"{reason}; the domain is only testing") : (result, reason);
    }

    /// <summary>What was signed against what is there, with a key that is fit for it.</summary>
    internal static (DkimResult Result, string Reason) Verify(DkimSignature signature, DkimKey key, MessageHash message)
    {
        if (key.Algorithm != signature.Algorithm)
            return (DkimResult.PermError, $"the key of {signature.Domain} is of another algorithm than the signature");
        var body = message.Body(signature.BodyForm);
        if (signature.Length is { } covered && covered != body.Length)
        {
            return covered > body.Length
                ? (DkimResult.Fail, $"the message is shorter than what {signature.Domain} signed")
                : (DkimResult.Policy, $"{signature.Domain} signed only the beginning of the message");
        }
        if (!body.Hash.AsSpan().SequenceEqual(signature.BodyHash))
            return (DkimResult.Fail, $"the text was changed after {signature.Domain} signed it");
        var hash = message.Header(signature.SignedFields, signature.Field, signature.HeaderForm);
        return key.Verify(hash, signature.Signature)
            ? (DkimResult.Pass, $"signed by {signature.Domain}")
            : (DkimResult.Fail, $"the header was changed after {signature.Domain} signed it");
    }

    private static DateTimeOffset FromSeconds(long seconds) =>
        seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.MaxValue : DateTimeOffset.FromUnixTimeSeconds(seconds);
}
