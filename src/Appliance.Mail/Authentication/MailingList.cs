using System.Text.RegularExpressions;
using Appliance.Mail.Headers;

namespace Appliance.Mail.Authentication;

/// <summary>
/// Whether a list passed a message on: it says so (RFC 2919), or its envelope is one of those that lists write for their bounces. Anybody can write either, so it
/// softens a refusal and proves nothing.
/// </summary>
internal static partial class MailingList
{
    public static bool HasPassedOn(HeaderBlock message, string mailFrom, IReadOnlyList<string> authors)
    {
        if (message.Fields.Any(field => field.Is("List-Id")))
            return true;
        var at = mailFrom.LastIndexOf('@');
        return at > 0 && BounceAddress().IsMatch(mailFrom[..at]) && !authors.Contains(mailFrom[(at + 1)..], StringComparer.OrdinalIgnoreCase);
    }

    /// <summary><c>owner-list</c>, <c>list-bounces</c>, <c>list-return-12-ann=example.org</c>, <c>bounce+…</c>, <c>SRS0=…</c></summary>
    [GeneratedRegex(@"\A(owner-.+|(.+[-+_])?(owner|bounces?|return|errors?|request|admin)([-+=].*)?|srs[01][-=+].*)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BounceAddress();
}
