using System.Buffers;

namespace Appliance.Mail.Junk;

/// <summary>
/// Looks through an HTML text for links that show one address and lead to another, and for forms. In place, since what is in a message may be in no string that nobody clears; not a parser, so a
/// text written to mislead it may.
/// </summary>
internal static class HtmlLinks
{
    private static readonly SearchValues<char> HostEnds = SearchValues.Create("/?#: \t\r\n");

    public static (bool FalseLink, bool Form) Look(ReadOnlySpan<char> html)
    {
        var (falseLink, form) = (false, false);
        while (html.IndexOf('<') is >= 0 and var at)
        {
            html = html[(at + 1)..];
            form |= IsTag(html, "form");
            if (!IsTag(html, "a"))
                continue;
            var end = html.IndexOf('>');
            if (end < 0)
                break;
            var href = Attribute(html[..end], "href");
            html = html[(end + 1)..];
            var shown = html[..(html.IndexOf('<') is >= 0 and var next ? next : html.Length)].Trim();
            falseLink |= (shown.StartsWith("http", StringComparison.OrdinalIgnoreCase) || shown.StartsWith("www.", StringComparison.OrdinalIgnoreCase))
                && HostOf(shown) is { Length: > 0 } says && HostOf(href) is { Length: > 0 } leads && !AreOfOneOrganization(says, leads);
        }
        return (falseLink, form);
    }

    /// <summary>Whether their last labels are the same: two, or three where the second is a short one below a country's, such as <c>co.uk</c>.</summary>
    public static bool AreOfOneOrganization(ReadOnlySpan<char> one, ReadOnlySpan<char> other) => Organization(one).Equals(Organization(other), StringComparison.OrdinalIgnoreCase);

    private static bool IsTag(ReadOnlySpan<char> text, string name) =>
        text.Length > name.Length && text.StartsWith(name, StringComparison.OrdinalIgnoreCase) && (char.IsWhiteSpace(text[name.Length]) || text[name.Length] is '>' or '/');

    private static ReadOnlySpan<char> Attribute(ReadOnlySpan<char> tag, string name)
    {
        for (var rest = tag; rest.IndexOf(name, StringComparison.OrdinalIgnoreCase) is >= 0 and var at;)
        {
            var value = rest[(at + name.Length)..].TrimStart();
            if (at > 0 && char.IsWhiteSpace(rest[at - 1]) && value is ['=', ..])
            {
                value = value[1..].TrimStart();
                var (quote, from) = value is ['"' or '\'', ..] ? (value[0], 1) : (' ', 0);
                value = value[from..];
                return value.IndexOf(quote) is >= 0 and var end ? value[..end] : value;
            }
            rest = rest[(at + name.Length)..];
        }
        return default;
    }

    /// <summary>Of an http address, or of one without a scheme that begins with www; else empty.</summary>
    private static ReadOnlySpan<char> HostOf(ReadOnlySpan<char> address)
    {
        if (address.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            address = address[8..];
        else if (address.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
            address = address[7..];
        else if (!address.StartsWith("www.", StringComparison.OrdinalIgnoreCase))
            return default;
        var end = address.IndexOfAny(HostEnds);
        var host = end < 0 ? address : address[..end];
        return host[(host.LastIndexOf('@') + 1)..].TrimEnd('.');
    }

    private static ReadOnlySpan<char> Organization(ReadOnlySpan<char> host)
    {
        var last = host.LastIndexOf('.');
        var second = last < 0 ? -1 : host[..last].LastIndexOf('.');
        if (second < 0)
            return host;
        var isUnderCountry = host.Length - last - 1 == 2 && last - second - 1 <= 3;
        var start = isUnderCountry ? host[..second].LastIndexOf('.') : second;
        return host[(start + 1)..];
    }
}
