using System.Reflection;

namespace Appliance.Architecture.Tests;

internal static class Repository
{
    public static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    public static string Source { get; } = Path.Combine(Root, "src");

    public static IEnumerable<string> SourceProjects() =>
        Directory.EnumerateFiles(Source, "*.csproj", SearchOption.AllDirectories)
            .Where(path => !path.Contains("node_modules", StringComparison.Ordinal))
            .Select(path => Path.GetFileNameWithoutExtension(path));

    /// <summary>The C# files of a project, relative path and text, without what the build made.</summary>
    public static IEnumerable<(string Path, string Text)> Sources(string project)
    {
        var folder = Path.Combine(Source, project);
        return from file in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
               let relative = Path.GetRelativePath(folder, file).Replace('\\', '/')
               where !relative.StartsWith("obj/", StringComparison.Ordinal) && !relative.StartsWith("bin/", StringComparison.Ordinal)
               select (relative, File.ReadAllText(file));
    }
}
