using System.Globalization;
using Appliance.Crypto.Formats;

namespace Appliance.Bridge;

/// <summary>Text that strangers wrote, made fit for a terminal: no control characters, which could move the cursor or more.</summary>
internal static class Printable
{
    public static string Line(string text) =>
        string.Concat(text.Select(character => IsHarmless(character) ? character : '\uFFFD'));

    public static string Addresses(IReadOnlyList<MailAddress> addresses) => string.Join(", ", addresses.Select(
        address => string.IsNullOrEmpty(address.Name) ? address.Address : $"{address.Name} <{address.Address}>"));

    // Format characters include the ones that turn the direction of writing around.
    private static bool IsHarmless(char character) =>
        !char.IsControl(character) && char.GetUnicodeCategory(character) is not (UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
