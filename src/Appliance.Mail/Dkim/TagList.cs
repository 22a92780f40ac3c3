using System.Buffers;
using System.Text;

namespace Appliance.Mail.Dkim;

/// <summary>A list of tags, <c>a=x; b=y</c> (RFC 6376 §3.2): signatures, seals and key records. A tag that stands twice makes all of it wrong, as do more tags than anybody writes.</summary>
public sealed class TagList
{
    private const int Most = 100; // each is compared with all before it
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    private static readonly SearchValues<char> WhiteSpace = SearchValues.Create(" \t\r\n");
    private readonly List<(string Name, string Value)> _tags = [];

    private TagList()
    {
    }

    /// <summary>In order.</summary>
    public IReadOnlyList<(string Name, string Value)> Tags => _tags;

    /// <summary>The value, without white space at its ends; null: no such tag. Names are case-sensitive.</summary>
    public string? this[ReadOnlySpan<char> name]
    {
        get
        {
            foreach (var (written, value) in _tags)
                if (name.SequenceEqual(written))
                    return value;
            return null;
        }
    }

    /// <summary>Null: not a list of tags.</summary>
    public static TagList? Parse(string text)
    {
        var list = new TagList();
        var rest = text.AsSpan().Trim(" \t\r\n");
        if (rest.EndsWith(";"))
            rest = rest[..^1];
        foreach (var range in rest.Split(';'))
        {
            var tag = rest[range];
            var equals = tag.IndexOf('=');
            if (equals < 0)
                return null;
            var name = tag[..equals].Trim(" \t\r\n");
            var value = tag[(equals + 1)..].Trim(" \t\r\n");
            if (name.IsEmpty || !char.IsAsciiLetter(name[0]) || name.ContainsAnyExcept(NameCharacters) || HasControl(value) || list[name] is not null || list._tags.Count == Most)
                return null;
            list._tags.Add((name.ToString(), value.ToString()));
        }
        return list;
    }

    /// <summary>A field's value, or a record's text.</summary>
    public static TagList? Parse(ReadOnlySpan<byte> value) => Parse(Encoding.UTF8.GetString(value));

    /// <summary>The octets of a base64 value; white space in it does not count (RFC 6376 §3.5). Null: not base64, or nothing.</summary>
    public static byte[]? Base64(string? value)
    {
        if (value is null)
            return null;
        var bytes = new byte[(value.Length * 3 / 4) + 3];
        return Convert.TryFromBase64String(value, bytes, out var length) && length > 0 ? bytes[..length] : null;
    }

    internal static string Unspaced(string value) =>
        value.AsSpan().ContainsAny(WhiteSpace) ? string.Concat(value.Where(character => character is not (' ' or '\t' or '\r' or '\n'))) : value;

    private static bool HasControl(ReadOnlySpan<char> value)
    {
        foreach (var character in value)
            if (char.IsControl(character) && character is not (' ' or '\t' or '\r' or '\n'))
                return true;
        return false;
    }
}
