using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Appliance.Client.Api;

/// <summary>A set-up or invitation link, <c>&lt;origin&gt;/activate#&lt;token&gt;</c> (docs/formats.md, "Links").</summary>
public sealed record ActivationLink(ServerOrigin Origin, string Token)
{
    private const int TokenLength = 43;
    private const int TokenBytes = 32;

    /// <param name="problem">What is wrong and what to do, for people.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ActivationLink? link, [NotNullWhen(false)] out string? problem)
    {
        link = null;
        if (!ServerOrigin.TryParse(text, out var origin, out problem))
            return false;
        var uri = new Uri(text);
        var token = uri.Fragment.TrimStart('#');
        if (uri.AbsolutePath != "/activate" || token.Length != TokenLength || !Base64Url.IsValid(token, out var bytes) || bytes != TokenBytes)
        {
            problem = "This is not an activation link. Copy all of it, up to the last character after “#”, and put it in quotes.";
            return false;
        }
        link = new ActivationLink(origin, token);
        return true;
    }

    /// <summary>Without the token, so that it can be shown.</summary>
    public override string ToString() => $"{Origin}/activate";
}
