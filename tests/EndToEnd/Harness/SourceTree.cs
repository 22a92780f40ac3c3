namespace Appliance.EndToEnd.Harness;

/// <summary>The checkout these tests were built from: where new screenshots go.</summary>
internal static class SourceTree
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Appliance.sln")))
                return folder.FullName;
        throw new InvalidOperationException("The tests do not run in a checkout of the project.");
    }
}
