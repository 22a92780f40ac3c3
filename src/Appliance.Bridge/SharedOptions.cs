using System.CommandLine;
using Appliance.Client.Api;
using Appliance.Client.State;

namespace Appliance.Bridge;

/// <summary>Options that several commands take.</summary>
internal static class SharedOptions
{
    public static readonly Option<string?> State = new("--state")
    {
        Description = "Folder that remembers the one account logged in (default: your state folder).",
        HelpName = "DIR",
        Recursive = true,
    };

    public static Option<bool> Json() => new("--json") { Description = "Print JSON." };

    public static Option<string?> Fingerprint() => new("--fingerprint")
    {
        Description = "SHA-256 of the server's self-signed certificate, as the server printed it; remembered.",
        HelpName = "SHA256",
    };

    public static StateFolder StateFolder(ParseResult parsed) =>
        parsed.GetValue(State) is { Length: > 0 } path ? new StateFolder(Path.GetFullPath(path)) : Client.State.StateFolder.Default();

    /// <exception cref="UsageException">Not a SHA-256 fingerprint.</exception>
    public static string? Pin(ParseResult parsed, Option<string?> option)
    {
        if (parsed.GetValue(option) is not { } text)
            return null;
        return ServerConnection.TryParseFingerprint(text, out var pin)
            ? pin
            : throw new UsageException("--fingerprint takes the 64 hexadecimal digits of a certificate's SHA-256.");
    }
}
