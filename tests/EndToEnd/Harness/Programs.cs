namespace Appliance.EndToEnd.Harness;

/// <summary>Where programs are: the product's own, which project references put beside the tests, and those of others.</summary>
public static class Programs
{
    private static readonly string[] Folders =
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), "/usr/sbin", "/usr/local/sbin"];

    /// <summary>The server as a native program where <c>APPLIANCE_NATIVE</c> says where one is, else as it was built for the tests.</summary>
    internal static IReadOnlyList<string> Server { get; } =
        Environment.GetEnvironmentVariable("APPLIANCE_NATIVE") is { Length: > 0 } native ? [native] : [Dotnet, "exec", At("appliance.dll")];

    internal static IReadOnlyList<string> Bridge => [Dotnet, "exec", At("appliance-bridge.dll")];

    // The host that runs the tests; their SDK need not be the first on the path.
    private static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? Find("dotnet") ?? "dotnet";

    /// <summary>The full path of the first of these programs that is installed, or null.</summary>
    public static string? Find(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            foreach (var folder in Folders)
                if (folder.Length > 0 && File.Exists(Path.Combine(folder, name)))
                    return Path.Combine(folder, name);
        return null;
    }

    private static string At(string assembly) => Path.Combine(AppContext.BaseDirectory, assembly);
}
