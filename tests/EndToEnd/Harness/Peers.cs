namespace Appliance.EndToEnd.Harness;

/// <summary>
/// Programs of others that tests talk to. On a developer's machine a missing one skips its tests; in CI
/// (<c>CI=true</c>) it fails them, so that it cannot hide.
/// </summary>
public static class Peers
{
    private static readonly string[] Folders =
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), "/usr/sbin", "/usr/local/sbin"];

    /// <summary>The program's full path, or null.</summary>
    public static string? Find(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            foreach (var folder in Folders)
                if (folder.Length > 0 && File.Exists(Path.Combine(folder, name)))
                    return Path.Combine(folder, name);
        return null;
    }

    /// <summary>The full path of a program the running test cannot do without: it is skipped, or in CI fails, when there is none.</summary>
    public static string Need(params ReadOnlySpan<string> names)
    {
        if (Find(names) is { } path)
            return path;
        var missing = $"{names[0]} is not installed";
        Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", missing);
        throw new InvalidOperationException(missing);
    }
}
