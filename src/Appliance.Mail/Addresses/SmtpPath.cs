using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Appliance.Mail.Addresses;

/// <summary>
/// What stands between the angle brackets of MAIL and RCPT (RFC 5321 §4.1.1.2–3): a mailbox, nothing (the sender
/// of bounces), or <c>postmaster</c> alone. A source route is read and forgotten (§4.1.1.3, appendix C).
/// </summary>
public sealed record SmtpPath
{
    // Bounce addresses that carry the recipient's (VERP) are often longer than the standard's 64 octets, and their
    // senders mean well: the reverse path may use a domain's 255.
    private const int MaxReverseLocalOctets = 255;

    private SmtpPath(Mailbox? mailbox, bool isPostmaster, bool isAscii)
    {
        Mailbox = mailbox;
        IsPostmaster = isPostmaster;
        IsAscii = isAscii;
    }

    /// <summary><c>&lt;&gt;</c>: nobody to send a bounce to (RFC 5321 §4.5.5).</summary>
    public static SmtpPath Null { get; } = new(null, false, true);

    /// <summary><c>&lt;postmaster&gt;</c>, which every host must take (RFC 5321 §4.5.1).</summary>
    public static SmtpPath Postmaster { get; } = new(null, true, true);

    public static SmtpPath Of(Mailbox mailbox) => new(mailbox, false, System.Text.Ascii.IsValid(mailbox.LocalPart));

    /// <summary>Null for <see cref="Null"/> and <see cref="Postmaster"/>.</summary>
    public Mailbox? Mailbox { get; }

    public bool IsNull => Mailbox is null && !IsPostmaster;

    public bool IsPostmaster { get; }

    /// <summary>False when the path was written with octets over 127, which only SMTPUTF8 allows (RFC 6531 §3.5).</summary>
    public bool IsAscii { get; }

    public override string ToString() => IsPostmaster ? "<postmaster>" : $"<{Mailbox}>";

    /// <summary>Reads a reverse-path at the start of <paramref name="input"/>.</summary>
    /// <param name="input">Octets as they came; what follows the path is left alone.</param>
    /// <param name="path">The path, when there is one.</param>
    /// <param name="length">The octets that the path takes, brackets included.</param>
    /// <param name="fault">Why not, when the answer is false.</param>
    public static bool TryParseReverse(ReadOnlySpan<byte> input, [NotNullWhen(true)] out SmtpPath? path, out int length, out AddressFault fault)
    {
        if (input.StartsWith("<>"u8))
        {
            (path, length, fault) = (Null, 2, AddressFault.None);
            return true;
        }
        return TryParse(input, MaxReverseLocalOctets, out path, out length, out fault);
    }

    /// <summary>Reads a forward-path; the parameters are those of <see cref="TryParseReverse"/>.</summary>
    public static bool TryParseForward(ReadOnlySpan<byte> input, [NotNullWhen(true)] out SmtpPath? path, out int length, out AddressFault fault)
    {
        const string postmaster = "<postmaster>";
        if (input.Length >= postmaster.Length && System.Text.Ascii.EqualsIgnoreCase(input[..postmaster.Length], postmaster))
        {
            (path, length, fault) = (Postmaster, postmaster.Length, AddressFault.None);
            return true;
        }
        return TryParse(input, Mailbox.MaxLocalOctets, out path, out length, out fault);
    }

    private static bool TryParse(ReadOnlySpan<byte> input, int maxLocalOctets, out SmtpPath? path, out int length, out AddressFault fault)
    {
        path = null;
        fault = AddressFault.Syntax;
        length = ClosingBracket(input) + 1;
        if (length <= 2)
            return false;
        var octets = input[1..(length - 1)];
        if (!Utf8.IsValid(octets))
            return false;
        ReadOnlySpan<char> text = Encoding.UTF8.GetString(octets);
        // Path = "<" [ A-d-l ":" ] Mailbox ">"
        if (text[0] == '@')
        {
            var colon = text.IndexOf(':');
            if (colon < 0)
                return false;
            text = text[(colon + 1)..];
        }
        if (!Mailbox.TryParse(text, maxLocalOctets, out var mailbox, out fault))
            return false;
        path = new SmtpPath(mailbox, false, System.Text.Ascii.IsValid(octets));
        return true;
    }

    // A quoted local part may hold brackets and spaces.
    private static int ClosingBracket(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty || input[0] != '<')
            return -1;
        var quoted = false;
        for (var i = 1; i < input.Length; i++)
        {
            if (quoted && input[i] == '\\')
                i++;
            else if (input[i] == '"')
                quoted = !quoted;
            else if (!quoted && input[i] == '>')
                return i;
        }
        return -1;
    }
}
