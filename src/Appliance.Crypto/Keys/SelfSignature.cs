using System.Text;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Appliance.Crypto.Keys;

/// <summary>The signature by which a primary key states its expiry and flags (RFC 4880 §5.2.3.3), and the user ids it vouches for.</summary>
internal sealed record SelfSignature(PgpSignature Signature, IReadOnlyList<string> UserIds)
{
    /// <summary>That of the primary user id, else of the one signed last, else the direct-key signature.</summary>
    public static SelfSignature? Find(PgpPublicKey primary, DateTimeOffset now)
    {
        var certified = primary.GetRawUserIds()
            .Select(id => (Text: Encoding.UTF8.GetString(id), Signature: Newest(id)))
            .Where(entry => entry.Signature is not null)
            .ToList();
        var best = certified
            .OrderByDescending(entry => entry.Signature!.GetHashedSubPackets().IsPrimaryUserId())
            .ThenByDescending(entry => entry.Signature!.CreationTime)
            .FirstOrDefault().Signature;
        best ??= primary.GetKeySignatures()
            .Where(s => s.SignatureType == PgpSignature.DirectKey && PublicKeyReader.IsCurrent(s, primary, now)
                && PublicKeyReader.IsValid(s, primary, () => s.VerifyCertification(primary)))
            .MaxBy(s => s.CreationTime);
        return best is null ? null : new SelfSignature(best, [.. certified.Select(entry => entry.Text)]);

        PgpSignature? Newest(byte[] id)
        {
            var text = Encoding.UTF8.GetString(id);
            var own = primary.GetSignaturesForId(id)
                .Where(s => PublicKeyReader.IsCurrent(s, primary, now) && PublicKeyReader.IsValid(s, primary, () => s.VerifyCertification(text, primary)))
                .ToList();
            var newest = own.Where(s => s.IsCertification()).MaxBy(s => s.CreationTime);
            var revoked = own.Where(s => s.SignatureType == PgpSignature.CertificationRevocation).MaxBy(s => s.CreationTime);
            return newest is not null && (revoked is null || revoked.CreationTime < newest.CreationTime) ? newest : null;
        }
    }
}

/// <summary>When a key may be used: from its creation to the expiry its signature states, or to the signature's own.</summary>
internal readonly record struct Lifetime(DateTimeOffset From, DateTimeOffset Until)
{
    public static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));

    public static Lifetime Of(PgpPublicKey key, PgpSignature signature)
    {
        var created = Utc(key.CreationTime);
        var hashed = signature.GetHashedSubPackets();
        return new Lifetime(created, Min(
            After(created, hashed.GetKeyExpirationTime()),
            After(Utc(signature.CreationTime), hashed.GetSignatureExpirationTime())));
    }

    public Lifetime Within(Lifetime other) => new(From > other.From ? From : other.From, Min(Until, other.Until));

    public KeyFault FaultAt(DateTimeOffset now) =>
        now >= Until ? KeyFault.Expired : now + RecipientKey.ClockSkew < From ? KeyFault.NotYetValid : KeyFault.None;

    private static DateTimeOffset Min(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;

    // RFC 4880 §5.2.3.6: absent or zero means it never expires.
    private static DateTimeOffset After(DateTimeOffset start, long seconds) => seconds <= 0 ? DateTimeOffset.MaxValue : start.AddSeconds(seconds);
}
