using Appliance.Contracts;

namespace Appliance.Server.Mailboxes;

/// <summary>The words the API uses for what the rows keep as numbers.</summary>
internal static class Names
{
    private static readonly (MessageFlags Flag, string Name)[] FlagNames =
    [
        (MessageFlags.Seen, "seen"),
        (MessageFlags.Answered, "answered"),
        (MessageFlags.Flagged, "flagged"),
    ];

    public static string Of<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    public static IReadOnlyList<string> Of(MessageFlags flags) =>
        [.. FlagNames.Where(known => flags.HasFlag(known.Flag)).Select(known => known.Name)];

    /// <summary>Null when a name is not one a client may set.</summary>
    public static MessageFlags? FlagsOf(IReadOnlyList<string> names)
    {
        var flags = MessageFlags.None;
        foreach (var name in names)
        {
            var known = Array.Find(FlagNames, known => known.Name == name);
            if (known.Name is null)
                return null;
            flags |= known.Flag;
        }
        return flags;
    }

    /// <summary>Null when it is none.</summary>
    public static SenderAction? SenderActionOf(string name) => name switch
    {
        "allow" => SenderAction.Allow,
        "block" => SenderAction.Block,
        _ => null,
    };

    public static FolderResponse ToResponse(this FolderRow folder) => new(
        folder.Id.ToString(),
        folder.Role is { } role ? Of(role) : "",
        folder.UidValidity,
        folder.UidNext,
        folder.Total,
        folder.Unread);
}
