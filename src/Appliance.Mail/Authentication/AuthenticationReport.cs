using Appliance.Mail.Arc;
using Appliance.Mail.AuthResults;
using Appliance.Mail.Dkim;
using Appliance.Mail.Dmarc;
using Appliance.Mail.Spf;

namespace Appliance.Mail.Authentication;

/// <summary>All that was found of one message.</summary>
/// <param name="Authors">The domains of From, A-labels.</param>
/// <param name="Spf">Of MAIL FROM; of HELO for a bounce. Null when the client is not known.</param>
/// <param name="Helo">Of HELO by itself.</param>
/// <param name="Dmarc">Of several authors that which is worst.</param>
/// <param name="IsFromList">A list or a forwarder of lists wrote the envelope or the header: what it changed may have broken what was signed.</param>
public sealed record AuthenticationReport(
    IReadOnlyList<string> Authors,
    SpfOutcome? Spf,
    SpfOutcome? Helo,
    string MailFrom,
    IReadOnlyList<DkimOutcome> Dkim,
    ArcOutcome Arc,
    DmarcOutcome Dmarc,
    bool IsFromList)
{
    /// <summary>The same in the words of RFC 8601 §2.7.</summary>
    public IReadOnlyList<AuthResult> ToAuthResults(string helo)
    {
        var results = new List<AuthResult>();
        if (Helo is not null)
            results.Add(new AuthResult("spf", Helo.Word, [("smtp.helo", helo)]));
        if (Spf is not null && MailFrom.Length > 0)
            results.Add(new AuthResult("spf", Spf.Word, [("smtp.mailfrom", MailFrom)]));
        foreach (var dkim in Dkim)
        {
            results.Add(new AuthResult("dkim", dkim.Word,
            [
                .. Property("header.d", dkim.Domain), .. Property("header.s", dkim.Selector), .. Property("header.a", dkim.Algorithm), .. Property("header.b", dkim.Signature),
            ]));
        }
        if (Dkim.Count == 0)
            results.Add(new AuthResult("dkim", "none", []));
        results.Add(new AuthResult("dmarc", Dmarc.Word,
        [
            .. Property("header.from", Dmarc.AuthorDomain),
            // RFC 9989 §9: the policy that applies
            .. Property("policy.dmarc", Dmarc.Result is DmarcResult.Pass or DmarcResult.Fail ? PolicyWord : null),
        ]));
        if (Arc.Result != ArcResult.None)
            results.Add(new AuthResult("arc", Arc.Word, [.. Property("header.d", Arc.Sealer)]));
        return results;
    }

    internal string PolicyWord => DmarcRecord.Word(Dmarc.Policy);

    private static IEnumerable<(string, string)> Property(string name, string? value) => string.IsNullOrEmpty(value) ? [] : [(name, value)];
}
