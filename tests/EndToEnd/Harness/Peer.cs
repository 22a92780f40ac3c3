namespace Appliance.EndToEnd.Harness;

/// <summary>
/// Programs of others that tests talk to. On a developer's machine a missing one skips its tests; in CI
/// (<c>CI=true</c>) it fails them, so that it cannot hide.
/// </summary>
public static class Peer
{
    /// <summary>The full path of a program the running test cannot do without.</summary>
    public static string Need(params ReadOnlySpan<string> names)
    {
        if (Programs.Find(names) is { } path)
            return path;
        var missing = $"{names[0]} is not installed";
        Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", missing);
        throw new InvalidOperationException(missing);
    }
}
