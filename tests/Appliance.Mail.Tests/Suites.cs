namespace Appliance.Mail.Tests;

/// <summary>Other people's test suites, which lie beside the project and are not part of it.</summary>
internal static class Suites
{
    /// <summary>The file's path; null where the suites are not.</summary>
    public static string? Find(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Appliance.sln")))
                return Environment.GetEnvironmentVariable("APPLIANCE_SUITES") is { Length: > 0 } given ? At(given)
                    : At(Path.Combine(folder.FullName, "..", "shared", "suites"));
        return null;

        string? At(string folder) => File.Exists(Path.Combine(folder, name)) ? Path.Combine(folder, name) : null;
    }
}
