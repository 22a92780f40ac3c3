namespace Appliance.EndToEnd.Harness;

/// <summary>The product's programs as built with these tests: project references put them beside the test assembly.</summary>
internal static class Programs
{
    public static IReadOnlyList<string> Server { get; } = [Dotnet, "exec", At("appliance.dll")];

    public static IReadOnlyList<string> Bridge { get; } = [Dotnet, "exec", At("appliance-bridge.dll")];

    // The host that runs the tests; their SDK need not be the first on the path.
    private static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? Peers.Find("dotnet") ?? "dotnet";

    private static string At(string assembly) => Path.Combine(AppContext.BaseDirectory, assembly);
}
