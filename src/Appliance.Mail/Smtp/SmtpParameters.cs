using System.Text;

namespace Appliance.Mail.Smtp;

/// <summary>
/// Reads <c>*(SP esmtp-param)</c> behind a path (RFC 5321 §4.1.2), one at a time:
/// <c>while (parameters.TryNext(out var keyword, out var value))</c>, then <see cref="IsMalformed"/>.
/// </summary>
internal ref struct SmtpParameters(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    public bool IsMalformed { get; private set; }

    /// <param name="keyword">Letters, digits and hyphens, of any case.</param>
    /// <param name="value">Empty when there is none: <c>KEY=</c> is malformed.</param>
    public bool TryNext(out ReadOnlySpan<byte> keyword, out ReadOnlySpan<byte> value)
    {
        keyword = value = default;
        if (_rest.IsEmpty)
            return false;
        if (_rest[0] != ' ')
            return Malformed();
        var start = _rest.IndexOfAnyExcept((byte)' ');
        if (start < 0)
            return false;
        _rest = _rest[start..];
        var end = _rest.IndexOf((byte)' ');
        var parameter = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? default : _rest[end..];

        var equals = parameter.IndexOf((byte)'=');
        keyword = equals < 0 ? parameter : parameter[..equals];
        value = equals < 0 ? default : parameter[(equals + 1)..];
        if (keyword.IsEmpty || (equals >= 0 && value.IsEmpty) || value.Contains((byte)'=') || value.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
            return Malformed();
        foreach (var octet in keyword)
        {
            if (!char.IsAsciiLetterOrDigit((char)octet) && octet != '-')
                return Malformed();
        }
        return true;
    }

    public static bool Is(ReadOnlySpan<byte> text, string word) => Ascii.EqualsIgnoreCase(text, word);

    private bool Malformed()
    {
        IsMalformed = true;
        return false;
    }
}
