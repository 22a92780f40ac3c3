using System.Buffers;
using System.Text;
using Appliance.Crypto.Formats;
using Appliance.Mail.Addresses;
using Appliance.Mail.Headers;

namespace Appliance.Mail.AuthResults;

/// <summary>The field Authentication-Results (RFC 8601): written in our name, read in others', and removed where somebody else has used our name.</summary>
public static class AuthResultsField
{
    public const string Name = "Authentication-Results";

    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`{|}~@");

    /// <summary>The field's value on one line.</summary>
    /// <param name="server">Our name, <c>authserv-id</c>.</param>
    public static string Format(string server, IReadOnlyList<AuthResult> results)
    {
        var text = new StringBuilder(Value(server));
        if (results.Count == 0)
            text.Append("; none");
        foreach (var result in results)
        {
            text.Append("; ").Append(result.Method).Append('=').Append(result.Result);
            foreach (var (name, value) in result.Properties)
                text.Append(' ').Append(name).Append('=').Append(Value(value));
        }
        return text.ToString();
    }

    /// <summary>Who says it and what; results that are not written as RFC 8601 has it are left out. Null: it names nobody.</summary>
    public static (string Server, IReadOnlyList<AuthResult> Results)? Parse(string value)
    {
        var parts = Split(value);
        if (parts[0] is not [{ IsSign: false, Text: var server }, ..])
            return null;
        var results = new List<AuthResult>();
        foreach (var words in parts.Skip(1))
        {
            if (words is not [{ IsSign: false, Text: { Length: > 0 } method }, { IsSign: true }, { IsSign: false, Text: var result }, ..])
                continue;
            var properties = new List<(string, string)>();
            for (var i = 3; i + 2 < words.Count && words[i + 1].IsSign; i += 3)
                properties.Add((words[i].Text.ToLowerInvariant(), words[i + 2].Text));
            results.Add(new AuthResult(method.Split('/')[0].ToLowerInvariant(), result.ToLowerInvariant(), properties));
        }
        return (server, results);
    }

    /// <summary>
    /// RFC 8601 §5: fields that say they are ours, which we have not written yet; and those that may say so to a reader who reads them otherwise than we do. In order.
    /// </summary>
    public static IReadOnlyList<RemovedBytes> FindForged(HeaderBlock message, string server) =>
        [.. message.All(Name).Where(field => IsForged(field, server)).Select(field => new RemovedBytes(field.Offset, field.Bytes.ToArray()))];

    private static bool IsForged(RawField field, string server)
    {
        var value = Encoding.UTF8.GetString(field.Value.Span);
        return Parse(value) is (var named, _)
            ? IsSame(named, server)
            : value.Contains(server, StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsSame(string named, string server) =>
        named.TrimEnd('.').Equals(server, StringComparison.OrdinalIgnoreCase)
        || (MailDomain.TryParse(named.TrimEnd('.'), out var one) && MailDomain.TryParse(server, out var other) && one == other);

    /// <summary>The words between semicolons, without comments (RFC 5322 §3.2.2) and quotes; <c>=</c> is a sign of its own, "." and "/" in a name join what stands around them.</summary>
    private static List<List<Word>> Split(string value)
    {
        var parts = new List<List<Word>> { new() };
        var word = new StringBuilder();
        var (inWord, joins, mayGoOn) = (false, false, false); // a word that has ended may go on after white space and comments, and is kept until it is known whether it does
        for (var i = 0; i < value.Length; i++)
        {
            var character = value[i];
            var isValue = !mayGoOn && parts[^1] is [.., { IsSign: true }];
            switch (character)
            {
                case '(':
                    EndWord();
                    i = EndOfComment(value, i);
                    break;
                case '"':
                    KeepWord();
                    for (i++; i < value.Length && value[i] != '"'; i++)
                    {
                        if (value[i] == '\\' && i + 1 < value.Length)
                            i++;
                        word.Append(value[i]);
                    }
                    inWord = true;
                    break;
                case ';':
                    EndWord();
                    KeepWord();
                    parts.Add([]);
                    break;
                case '=' when !isValue && (inWord || mayGoOn || parts[^1].Count > 0):
                    EndWord();
                    KeepWord();
                    parts[^1].Add(new Word("=", IsSign: true));
                    break;
                case ' ' or '\t' or '\r' or '\n':
                    EndWord();
                    break;
                case '.' or '/' when mayGoOn && parts.Count > 1:
                    word.Append(character);
                    (inWord, joins, mayGoOn) = (true, true, false);
                    break;
                default:
                    KeepWord();
                    word.Append(character);
                    (inWord, joins) = (true, character is '.' or '/' && !isValue && parts.Count > 1);
                    break;
            }
        }
        EndWord();
        KeepWord();
        return parts;

        void EndWord()
        {
            if (inWord && !joins)
                (inWord, mayGoOn) = (false, true);
        }

        void KeepWord()
        {
            if (!mayGoOn)
                return;
            parts[^1].Add(new Word(word.ToString(), IsSign: false));
            word.Clear();
            mayGoOn = false;
        }
    }

    private readonly record struct Word(string Text, bool IsSign);

    private static int EndOfComment(string value, int at)
    {
        var depth = 0;
        for (; at < value.Length; at++)
        {
            if (value[at] == '\\')
                at++;
            else if (value[at] == '(')
                depth++;
            else if (value[at] == ')' && --depth == 0)
                return at;
        }
        return value.Length;
    }

    /// <summary>A token where it is one (RFC 2045 §5.1, and addresses as they are), a quoted string where it is not.</summary>
    private static string Value(string value)
    {
        if (value.Length > 0 && !value.AsSpan().ContainsAnyExcept(TokenCharacters))
            return value;
        var quoted = new StringBuilder("\"");
        foreach (var character in value.Where(character => !char.IsControl(character)))
        {
            if (character is '"' or '\\')
                quoted.Append('\\');
            quoted.Append(character);
        }
        return quoted.Append('"').ToString();
    }
}
