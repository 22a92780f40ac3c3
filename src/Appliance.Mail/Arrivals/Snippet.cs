using System.Buffers;
using System.Globalization;
using Appliance.Crypto.Formats;

namespace Appliance.Mail.Arrivals;

/// <summary>
/// The first words a person would read: of the first text/plain, else of the first text/html. Quoted replies, PGP armor and
/// signatures are passed over when there is anything else.
/// </summary>
internal static class Snippet
{
    // Past this a text has begun or never will; HTML opens with its style sheet.
    private const int MaxPlainBytes = 4_096;
    private const int MaxHtmlBytes = 65_536;

    private static readonly SearchValues<char> RuleCharacters = SearchValues.Create("-=_*~# ");

    public static string Of(ReadOnlySequence<byte> message, MimeNode root)
    {
        var writer = new SnippetWriter(stackalloc char[SnippetWriter.MaxLength]);
        if (FindText(root, "text/plain") is { } plain)
        {
            using var text = DecodedText.Of(message, plain, MaxPlainBytes);
            WritePlain(text.Span, ref writer, withQuotes: false);
            if (writer.IsEmpty && FindText(root, "text/html") is null)
                WritePlain(text.Span, ref writer, withQuotes: true);
        }
        if (writer.IsEmpty && FindText(root, "text/html") is { } html)
        {
            using var text = DecodedText.Of(message, html, MaxHtmlBytes);
            HtmlText.Write(text.Span, ref writer);
        }
        return writer.ToString();
    }

    /// <summary>In the order of the message, but neither attached nor within an attached message.</summary>
    private static MimeNode? FindText(MimeNode root, string type)
    {
        var nodes = new Stack<MimeNode>([root]);
        while (nodes.TryPop(out var node))
        {
            if (node.Disposition is not (null or "inline") || node.Envelope is not null)
                continue;
            if (node.Type == type && node.Length > 0)
                return node;
            for (var i = node.Children.Count - 1; i >= 0; i--)
                nodes.Push(node.Children[i]);
        }
        return null;
    }

    private static void WritePlain(ReadOnlySpan<char> text, ref SnippetWriter writer, bool withQuotes)
    {
        var armor = Armor.None;
        foreach (var line in text.EnumerateLines())
        {
            if (writer.IsFull || line is "-- ")
                return;
            armor = Next(armor, line);
            if (armor == Armor.Signature)
                return;
            if (armor != Armor.None || IsRule(line))
                continue;
            if (line.StartsWith('>') || IsAttribution(line))
            {
                if (!withQuotes)
                    continue;
                writer.Append(line.TrimStart("> "));
            }
            else
                writer.Append(line);
            writer.Append(' ');
        }
    }

    // RFC 9580 §6.2, §7: an armored block, or the few header lines before a clear-signed text.
    private static Armor Next(Armor before, ReadOnlySpan<char> line)
    {
        if (line.StartsWith("-----BEGIN PGP SIGNED MESSAGE"))
            return Armor.Header;
        if (line.StartsWith("-----BEGIN PGP SIGNATURE"))
            return Armor.Signature;
        if (line.StartsWith("-----BEGIN PGP "))
            return Armor.Block;
        return before switch
        {
            Armor.Header when line.IsWhiteSpace() => Armor.None,
            Armor.Block when line.StartsWith("-----END PGP ") => Armor.Ended,
            Armor.Ended => Armor.None,
            _ => before,
        };
    }

    private static bool IsRule(ReadOnlySpan<char> line) => line.Length >= 3 && !line.ContainsAnyExcept(RuleCharacters);

    private static bool IsAttribution(ReadOnlySpan<char> line) =>
        line.StartsWith("On ", StringComparison.Ordinal) && line.TrimEnd().EndsWith("wrote:", StringComparison.Ordinal);

    private enum Armor
    {
        None, Header, Block, Ended, Signature,
    }
}

/// <summary>Folds white space, drops what cannot be seen (fillers behind a preheader, text direction overrides) and stops when full.</summary>
internal ref struct SnippetWriter(Span<char> characters)
{
    public const int MaxLength = 200;

    private readonly Span<char> _characters = characters;
    private int _length;
    private bool _spaceIsDue;

    public readonly bool IsEmpty => _length == 0;

    public readonly bool IsFull => _length >= _characters.Length;

    public void Append(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (IsFull)
                return;
            Append(character);
        }
    }

    public void Append(char character)
    {
        if (character > ' ' && character < '\x7f')
            Put(character);
        else if (char.IsWhiteSpace(character) || char.IsControl(character))
            _spaceIsDue = _length > 0;
        else if (!IsInvisible(character))
            Put(character);
    }

    public override readonly string ToString()
    {
        var text = _characters[.._length];
        return new string(text.Length > 0 && char.IsHighSurrogate(text[^1]) ? text[..^1] : text);
    }

    private void Put(char character)
    {
        if (_spaceIsDue && !IsFull)
            _characters[_length++] = ' ';
        _spaceIsDue = false;
        if (!IsFull)
            _characters[_length++] = character;
    }

    // Joiners have a meaning inside a word or an emoji only.
    private readonly bool IsInvisible(char character) => character switch
    {
        '\u200c' or '\u200d' => _length == 0 || _spaceIsDue,
        '\u034f' or '\u2800' or '\u3164' => true,
        _ => CharUnicodeInfo.GetUnicodeCategory(character) == UnicodeCategory.Format,
    };
}
