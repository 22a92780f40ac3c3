using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Appliance.Mail.Spf;

/// <summary>What macros stand for (RFC 7208 §7.2).</summary>
/// <param name="ValidatedName">The client's name in the DNS, looked up only when a macro asks for it.</param>
internal sealed record SpfMacroValues(
    IPAddress Client, string SenderLocal, string SenderDomain, string Helo, string Domain, Func<ValueTask<string>> ValidatedName, string Receiver, DateTimeOffset Now);

/// <summary>Macro strings (RFC 7208 §7.1): their syntax and their expansion.</summary>
internal static partial class SpfMacro
{
    private const int MostDomainOctets = 253;

    /// <summary>domain-spec: a macro string that ends in a name's last label or in a macro. The letters c, r and t belong into explanations (§7.2).</summary>
    public static bool IsDomainSpec(string text) => IsMacroString(text) && DomainEnd().IsMatch(text)
        && !Macro().Matches(text).Any(macro => macro.Groups["letter"] is { Success: true } letter && "crtCRT".Contains(letter.Value, StringComparison.Ordinal));

    public static bool IsMacroString(string text) => MacroString().IsMatch(text);

    /// <summary>A name without the root's dot, cut from the left to 253 octets (§7.3).</summary>
    public static async ValueTask<string> ExpandDomainAsync(string spec, SpfMacroValues values)
    {
        var name = await ExpandAsync(spec, values, isExplanation: false);
        if (name.EndsWith('.'))
            name = name[..^1];
        if (name.Length <= MostDomainOctets)
            return name;
        // In one step: macros make names of a million labels.
        var dot = name.IndexOf('.', name.Length - MostDomainOctets - 1);
        return name[((dot < 0 ? name.LastIndexOf('.') : dot) + 1)..];
    }

    public static async ValueTask<string> ExpandAsync(string text, SpfMacroValues values, bool isExplanation)
    {
        var expanded = new StringBuilder();
        var at = 0;
        foreach (Match macro in Macro().Matches(text))
        {
            expanded.Append(text, at, macro.Index - at);
            at = macro.Index + macro.Length;
            expanded.Append(macro.Value switch
            {
                "%%" => "%",
                "%_" => " ",
                "%-" => "%20",
                _ => await ValueAsync(macro, values, isExplanation),
            });
        }
        return expanded.Append(text, at, text.Length - at).ToString();
    }

    private static async ValueTask<string> ValueAsync(Match macro, SpfMacroValues values, bool isExplanation)
    {
        var letter = macro.Groups["letter"].Value[0];
        var value = char.ToLowerInvariant(letter) switch
        {
            's' => $"{values.SenderLocal}@{values.SenderDomain}",
            'l' => values.SenderLocal,
            'o' => values.SenderDomain,
            'd' => values.Domain,
            'i' => Dotted(values.Client),
            'p' => await values.ValidatedName(),
            'v' => values.Client.AddressFamily == AddressFamily.InterNetwork ? "in-addr" : "ip6",
            'h' => values.Helo,
            'c' when isExplanation => values.Client.ToString(),
            'r' when isExplanation => values.Receiver,
            't' when isExplanation => values.Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            _ => "",
        };
        var delimiters = macro.Groups["delimiters"].Value is { Length: > 0 } given ? given.ToCharArray() : ['.'];
        var parts = value.Split(delimiters);
        if (macro.Groups["reverse"].Length > 0)
            Array.Reverse(parts);
        if (macro.Groups["digits"].Length > 0 && int.TryParse(macro.Groups["digits"].ValueSpan, CultureInfo.InvariantCulture, out var kept) && kept < parts.Length)
            parts = parts[^kept..];
        value = string.Join('.', parts);
        return char.IsUpper(letter) ? Uri.EscapeDataString(value) : value;
    }

    /// <summary>§7.3: IPv4 as it is written, IPv6 as dotted nibbles, in capitals as in the RFC's example.</summary>
    private static string Dotted(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? address.ToString()
        : string.Join('.', address.GetAddressBytes().SelectMany(octet => new[] { octet >> 4, octet & 15 }).Select(nibble => nibble.ToString("X", CultureInfo.InvariantCulture)));

    private const string Expansion = @"%(?:\{(?<letter>[slodiphcrtvSLODIPHCRTV])(?<digits>0*[1-9][0-9]*)?(?<reverse>[rR])?(?<delimiters>[.\-+,/_=]*)\}|%|_|-)";

    [GeneratedRegex(Expansion)]
    private static partial Regex Macro();

    [GeneratedRegex(@"\A(?:[\x21-\x24\x26-\x7e]|" + Expansion + @")*\z")]
    private static partial Regex MacroString();

    // toplabel: letters and digits, not digits alone, hyphens inside (§7.1).
    [GeneratedRegex(@"(?:" + Expansion + @"|\.(?:[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*|[A-Za-z0-9]+-[A-Za-z0-9-]*[A-Za-z0-9])\.?)\z")]
    private static partial Regex DomainEnd();
}
