using System.Diagnostics.CodeAnalysis;

namespace Appliance.Client.Api;

/// <summary>
/// Which server we talk to: scheme, host and port. Plain HTTP is for this computer only, since whoever is on the way could
/// change what is sent.
/// </summary>
public sealed record ServerOrigin
{
    private ServerOrigin(Uri uri) => Uri = uri;

    public Uri Uri { get; }

    /// <param name="problem">What is wrong and what to do, for people.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ServerOrigin? origin, [NotNullWhen(false)] out string? problem)
    {
        origin = null;
        problem = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.UserInfo.Length > 0)
            problem = $"“{text}” is not a server's address. Give it as https://mail.example.org.";
        else if (uri.Scheme == Uri.UriSchemeHttp && uri.Host is not ("localhost" or "127.0.0.1"))
            problem = $"Plain http to {uri.Host} is refused: whoever is on the way could change what is sent. Use https://{uri.Host}, with --fingerprint when its certificate is self-signed.";
        else if (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp)
            problem = $"“{uri.Scheme}” is not a way to reach the server. Use https.";
        else
            origin = new ServerOrigin(new Uri(uri.GetLeftPart(UriPartial.Authority)));
        return origin is not null;
    }

    public override string ToString() => Uri.GetLeftPart(UriPartial.Authority);
}
