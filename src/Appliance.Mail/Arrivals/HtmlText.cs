using System.Net;

namespace Appliance.Mail.Arrivals;

/// <summary>
/// The words of an HTML text, good enough for a preview and safe because its result is plain text: no tags, comments, scripts or
/// styles, entities decoded. It is not a sanitiser.
/// </summary>
internal static class HtmlText
{
    private const int MaxEntityLength = 33;

    private static readonly string[] Unread = ["script", "style", "title", "template", "noscript"];

    // Every other element separates words.
    private static readonly HashSet<string> WithinWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "em", "font", "i", "kbd", "mark", "q", "s", "small", "span", "strike",
        "strong", "sub", "sup", "tt", "u", "var", "wbr",
    };

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> WithinWordsLookup =
        WithinWords.GetAlternateLookup<ReadOnlySpan<char>>();

    public static void Write(ReadOnlySpan<char> html, ref SnippetWriter writer)
    {
        while (!html.IsEmpty && !writer.IsFull)
        {
            var markup = html.IndexOfAny('<', '&');
            if (markup < 0)
            {
                writer.Append(html);
                return;
            }
            writer.Append(html[..markup]);
            html = html[markup..];
            html = html[0] == '<' ? html[Tag(html, ref writer)..] : html[Entity(html, ref writer)..];
        }
    }

    /// <summary>How many characters the tag takes, with its content when nobody reads that.</summary>
    private static int Tag(ReadOnlySpan<char> html, ref SnippetWriter writer)
    {
        if (html.StartsWith("<!--"))
            return After(html, "-->", 4);
        var isEnd = html.Length > 1 && html[1] == '/';
        var name = Name(html[(isEnd ? 2 : 1)..]);
        if (name.IsEmpty && !(html.Length > 1 && html[1] is '!' or '?' or '/'))
        {
            writer.Append('<');
            return 1;
        }
        if (!WithinWordsLookup.Contains(name))
            writer.Append(' ');
        // What follows is what the reply quotes.
        if (!isEnd && !writer.IsEmpty && name.Equals("blockquote", StringComparison.OrdinalIgnoreCase))
            return html.Length;
        var length = TagLength(html);
        if (!isEnd)
        {
            foreach (var unread in Unread)
            {
                if (name.Equals(unread, StringComparison.OrdinalIgnoreCase))
                    return length + Content(html[length..], unread);
            }
        }
        return length;
    }

    private static ReadOnlySpan<char> Name(ReadOnlySpan<char> text)
    {
        var end = 0;
        while (end < text.Length && char.IsAsciiLetterOrDigit(text[end]))
            end++;
        return text.Length > 0 && char.IsAsciiLetter(text[0]) ? text[..end] : default;
    }

    private static int TagLength(ReadOnlySpan<char> html)
    {
        var quote = '\0';
        for (var i = 1; i < html.Length; i++)
        {
            if (quote != '\0')
                quote = html[i] == quote ? '\0' : quote;
            else if (html[i] == '>')
                return i + 1;
            else if (html[i] is '"' or '\'' && html[i - 1] == '=')
                quote = html[i];
        }
        // A quote that never ends: the tag does, at the first chance.
        return After(html, ">", 1);
    }

    /// <summary>Up to the end tag of the element; the rest of the text when it has none.</summary>
    private static int Content(ReadOnlySpan<char> html, string name)
    {
        for (var at = 0; ;)
        {
            var next = html[at..].IndexOf("</");
            if (next < 0)
                return html.Length;
            at += next;
            if (html[(at + 2)..].StartsWith(name, StringComparison.OrdinalIgnoreCase))
                return at;
            at += 2;
        }
    }

    private static int Entity(ReadOnlySpan<char> html, ref SnippetWriter writer)
    {
        var end = html[..Math.Min(html.Length, MaxEntityLength)].IndexOf(';');
        if (end < 0)
        {
            writer.Append('&');
            return 1;
        }
        writer.Append(WebUtility.HtmlDecode(html[..(end + 1)].ToString()));
        return end + 1;
    }

    private static int After(ReadOnlySpan<char> html, string mark, int from)
    {
        var at = html[Math.Min(from, html.Length)..].IndexOf(mark);
        return at < 0 ? html.Length : Math.Min(from, html.Length) + at + mark.Length;
    }
}
