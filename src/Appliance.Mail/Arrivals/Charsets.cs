using System.Text;

namespace Appliance.Mail.Arrivals;

/// <summary>
/// The charsets of mail. .NET asks its providers before it looks at what it has itself, and the one with the old code pages searches a list for each question; MimeKit
/// asks for UTF-8 with every address. So that is answered first.
/// </summary>
internal sealed class Charsets : EncodingProvider
{
    private static readonly Charsets Instance = new();

    private Charsets()
    {
    }

    /// <summary>Before MimeKit looks for the first time: it remembers what it did not find.</summary>
    public static void Register()
    {
        Encoding.RegisterProvider(Instance);
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
    }

    public override Encoding? GetEncoding(int codepage) => codepage == Encoding.UTF8.CodePage ? Encoding.UTF8 : null;

    public override Encoding? GetEncoding(string name) => null;
}
