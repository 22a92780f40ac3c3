using System.Globalization;
using System.Text.RegularExpressions;

namespace Appliance.Server.Commands;

/// <summary>A number of bytes as people write it: <c>500M</c>, <c>5G</c>, <c>1048576</c>. K, M, G and T are powers of 1,024.</summary>
internal static partial class ByteSize
{
    private const string Units = "KMGT";

    /// <summary>Null: it is none, or more than there can be.</summary>
    public static long? Parse(string text)
    {
        if (Pattern().Match(text) is not { Success: true } match || !long.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var number))
            return null;
        var shift = match.Groups[2].Value is [var unit] ? 10 * (Units.IndexOf(char.ToUpperInvariant(unit), StringComparison.Ordinal) + 1) : 0;
        return number <= long.MaxValue >> shift ? number << shift : null;
    }

    public static string Format(long bytes)
    {
        var unit = 0;
        var shown = (double)bytes;
        while (shown >= 1024 && unit < Units.Length)
            (shown, unit) = (shown / 1024, unit + 1);
        return unit == 0
            ? $"{bytes} bytes"
            : string.Create(CultureInfo.InvariantCulture, $"{Math.Round(shown, 1)} {Units[unit - 1]}");
    }

    [GeneratedRegex("^([0-9]+)([KMGT])?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
