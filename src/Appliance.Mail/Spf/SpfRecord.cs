using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Appliance.Mail.Spf;

internal enum SpfMechanism
{
    All,
    Include,
    A,
    Mx,
    Ptr,
    Ip4,
    Ip6,
    Exists,
}

/// <param name="Qualified">What a match means.</param>
/// <param name="Domain">The domain-spec, not expanded; null: the domain at hand.</param>
/// <param name="Network">Of ip4 and ip6.</param>
/// <param name="Bits4">How many bits of an IPv4 address count.</param>
internal sealed record SpfDirective(SpfResult Qualified, SpfMechanism Mechanism, string? Domain, IPAddress? Network, int Bits4, int Bits6);

/// <summary>
/// A record read whole (RFC 7208 §4.6, §12): a term that is wrong anywhere makes all of it wrong, whatever stands before it.
/// </summary>
internal sealed partial record SpfRecord(IReadOnlyList<SpfDirective> Directives, string? Redirect, string? Explanation)
{
    private const string Version = "v=spf1";

    /// <summary>RFC 7208 §4.5: whether a TXT record is one of SPF at all.</summary>
    public static bool Is(string text) =>
        text.StartsWith(Version, StringComparison.OrdinalIgnoreCase) && (text.Length == Version.Length || text[Version.Length] == ' ');

    /// <summary>The record, or the term that is wrong.</summary>
    public static (SpfRecord? Record, string? Wrong) Parse(string text)
    {
        var directives = new List<SpfDirective>();
        string? redirect = null, explanation = null;
        foreach (var term in text[Version.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Modifier().Match(term) is { Success: true } modifier)
            {
                var (name, value) = (modifier.Groups[1].Value, modifier.Groups[2].Value);
                if (name.Equals("redirect", StringComparison.OrdinalIgnoreCase))
                {
                    if (redirect is not null || !SpfMacro.IsDomainSpec(value))
                        return (null, term);
                    redirect = value;
                }
                else if (name.Equals("exp", StringComparison.OrdinalIgnoreCase))
                {
                    if (explanation is not null || !SpfMacro.IsDomainSpec(value))
                        return (null, term);
                    explanation = value;
                }
                else if (!SpfMacro.IsMacroString(value))
                {
                    return (null, term); // §6: unknown modifiers are passed over, but they have a syntax
                }
            }
            else if (Directive(term) is { } directive)
            {
                directives.Add(directive);
            }
            else
            {
                return (null, term);
            }
        }
        return (new SpfRecord(directives, redirect, explanation), null);
    }

    private static SpfDirective? Directive(string term)
    {
        var qualified = term[0] switch { '-' => SpfResult.Fail, '~' => SpfResult.SoftFail, '?' => SpfResult.Neutral, _ => SpfResult.Pass };
        var text = term[0] is '+' or '-' or '~' or '?' ? term[1..] : term;
        var end = text.AsSpan().IndexOfAny(':', '/');
        var (name, rest) = end < 0 ? (text, "") : (text[..end], text[end..]);
        return name.ToLowerInvariant() switch
        {
            "all" when rest == "" => Plain(SpfMechanism.All, null),
            "include" when DomainIn(rest) is { } domain => Plain(SpfMechanism.Include, domain),
            "exists" when DomainIn(rest) is { } domain => Plain(SpfMechanism.Exists, domain),
            "ptr" when rest == "" => Plain(SpfMechanism.Ptr, null),
            "ptr" when DomainIn(rest) is { } domain => Plain(SpfMechanism.Ptr, domain),
            "a" => WithBits(SpfMechanism.A, rest),
            "mx" => WithBits(SpfMechanism.Mx, rest),
            "ip4" => Network(SpfMechanism.Ip4, rest, AddressFamily.InterNetwork, 32),
            "ip6" => Network(SpfMechanism.Ip6, rest, AddressFamily.InterNetworkV6, 128),
            _ => null,
        };

        SpfDirective Plain(SpfMechanism mechanism, string? domain) => new(qualified, mechanism, domain, null, 32, 128);

        SpfDirective? WithBits(SpfMechanism mechanism, string argument)
        {
            var match = DomainAndBits().Match(argument);
            var domain = match.Groups["domain"] is { Success: true } written ? written.Value : null;
            var (bits4, bits6) = (Bits(match.Groups["four"], 32), Bits(match.Groups["six"], 128));
            return match.Success && bits4 is { } four && bits6 is { } six && (domain is null || SpfMacro.IsDomainSpec(domain))
                ? new SpfDirective(qualified, mechanism, domain, null, four, six)
                : null;
        }

        SpfDirective? Network(SpfMechanism mechanism, string argument, AddressFamily family, int most)
        {
            if (AddressAndBits().Match(argument) is not { Success: true } match || Bits(match.Groups["bits"], most) is not { } bits)
                return null;
            var written = match.Groups["address"].Value;
            // .NET also takes addresses of fewer than four numbers, octal ones, and zones.
            if (family == AddressFamily.InterNetwork ? !DottedQuad().IsMatch(written) : written.Contains('%', StringComparison.Ordinal))
                return null;
            return IPAddress.TryParse(written, out var address) && address.AddressFamily == family
                ? new SpfDirective(qualified, mechanism, null, address, bits, bits)
                : null;
        }
    }

    private static string? DomainIn(string rest) => rest.StartsWith(':') && SpfMacro.IsDomainSpec(rest[1..]) ? rest[1..] : null;

    private static int? Bits(Group written, int most) =>
        !written.Success ? most : int.Parse(written.ValueSpan, CultureInfo.InvariantCulture) is var bits && bits <= most ? bits : null;

    [GeneratedRegex(@"\A([A-Za-z][A-Za-z0-9._-]*)=(.*)\z", RegexOptions.Singleline)]
    private static partial Regex Modifier();

    // §5.6: a number has no leading zeros.
    [GeneratedRegex(@"\A(?::(?<domain>.*?))?(?:/(?<four>0|[1-9][0-9]?))?(?://(?<six>0|[1-9][0-9]{0,2}))?\z", RegexOptions.Singleline)]
    private static partial Regex DomainAndBits();

    [GeneratedRegex(@"\A:(?<address>[^/]+)(?:/(?<bits>0|[1-9][0-9]{0,2}))?\z")]
    private static partial Regex AddressAndBits();

    [GeneratedRegex(@"\A(?:(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])(?:\.|\z)){4}(?<!\.)\z")]
    private static partial Regex DottedQuad();
}
