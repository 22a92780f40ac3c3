using System.Text;
using Appliance.EndToEnd.Harness;
using Appliance.EndToEnd.Traffic;

namespace Appliance.EndToEnd.Web;

/// <summary>Mail as people and shops write it: what the browser tests read, and what the pictures in README show.</summary>
internal static class Letters
{
    public const string Attached = "first,second\r\n1,2\r\n";

    /// <summary>Sends one message with swaks; <paramref name="rest"/> is all that follows the fields From, To, Subject and Date.</summary>
    public static Task SendAsync(ApplianceProcess appliance, string to, string from, string subject, string rest, TimeSpan ago = default)
    {
        var date = TimeProvider.System.GetUtcNow() - ago;
        var bytes = Encoding.UTF8.GetBytes($"From: {from}\nTo: {to}\nSubject: {subject}\nDate: {date:ddd, dd MMM yyyy HH:mm:ss} +0000\nMIME-Version: 1.0\n{rest}\n".ReplaceLineEndings("\r\n"));
        var address = from[(from.LastIndexOf('<') + 1)..].TrimEnd('>');
        return Senders.PythonAsync(appliance.Mx, new SampleMessage(subject, bytes, address, [to], RequiresUtf8: false, Marks: []));
    }

    public static Task PlainAsync(ApplianceProcess appliance, string to, string subject, string text, string from = "Martha Jensen <martha@jensen.example>") =>
        SendAsync(appliance, to, from, subject, "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + text);

    /// <summary>A formatted message that does what senders try: a picture from outside, a script, a form.</summary>
    public static Task FormattedAsync(ApplianceProcess appliance, string to, Uri outside) => SendAsync(
        appliance, to, "Lindqvist Books <orders@lindqvist.example>", "Your order has been shipped", $$"""
        Content-Type: multipart/alternative; boundary="=_alt"

        --=_alt
        Content-Type: text/plain; charset=utf-8

        Your order has been shipped. It should reach you on Thursday.
        --=_alt
        Content-Type: multipart/related; boundary="=_rel"

        --=_rel
        Content-Type: text/html; charset=utf-8

        <html><head><style>body { font-family: Georgia, serif; } td { padding: 6px 16px 6px 0; }</style></head><body onload="top.document.title='run'">
        <img src="cid:logo@lindqvist.example" alt="Lindqvist" width="40" height="40"><img src="{{outside}}pixel.gif" alt="">
        <h2 style="background:url({{outside}}style.gif)">Your order has been shipped</h2>
        <p>It should reach you on Thursday. You can <a href="https://lindqvist.example/track">follow the parcel</a>.</p>
        <table><tr><td>1 &times; The Sea Around Us</td><td>14.00</td></tr><tr><td>1 &times; A Field Guide to Lichens</td><td>22.50</td></tr></table>
        <script>top.document.title='run'</script><form action="{{outside}}form"><input name="q"><button>Win</button></form>
        </body></html>
        --=_rel
        Content-Type: image/png
        Content-Transfer-Encoding: base64
        Content-ID: <logo@lindqvist.example>
        Content-Disposition: inline

        iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==
        --=_rel--
        --=_alt--
        """);

    public static Task WithAttachmentAsync(ApplianceProcess appliance, string to) => SendAsync(
        appliance, to, "=?utf-8?Q?J=C3=B6rg_Brandt?= <joerg@brandt.example>", "Minutes and figures", $"""
        Content-Type: multipart/mixed; boundary="=_mix"

        --=_mix
        Content-Type: text/plain; charset=utf-8

        Hello Ann,

        here is what we wrote down on Friday, with the figures as a table.
        The long version is at https://brandt.example/minutes?year=2026.

        > Could you send me the figures before Monday?
        > Ann

        Best wishes
        Jörg
        --=_mix
        Content-Type: text/csv; name="figures.csv"
        Content-Disposition: attachment; filename="figures.csv"
        Content-Transfer-Encoding: base64

        {Convert.ToBase64String(Encoding.UTF8.GetBytes(Attached))}
        --=_mix
        Content-Type: application/pdf
        Content-Disposition: attachment; filename="../../minutes.pdf"
        Content-Transfer-Encoding: base64

        {Convert.ToBase64String(new byte[240_000], Base64FormattingOptions.InsertLineBreaks)}
        --=_mix--
        """);
}
