namespace Appliance.Server.Hosting;

/// <summary>
/// Where settings come from, later ones winning: <c>appsettings.json</c> beside the program, the one in the data folder,
/// <c>APPLIANCE_Section__Key</c>, <c>--Section:Key value</c>.
/// </summary>
internal static class Configuration
{
    private const string File = "appsettings.json";

    public static IConfigurationRoot Read(IReadOnlyList<string> settings)
    {
        var dataPath = DataPath(Sources(new ConfigurationBuilder(), dataFolder: null, settings).Build());
        return Sources(new ConfigurationBuilder(), dataPath, settings).Build();
    }

    public static string DataPath(IConfiguration configuration) => Path.GetFullPath(configuration["Data:Path"] ?? "data");

    private static IConfigurationBuilder Sources(ConfigurationBuilder builder, string? dataFolder, IReadOnlyList<string> settings)
    {
        builder.AddJsonFile(Path.Combine(AppContext.BaseDirectory, File), optional: false);
        if (dataFolder is not null)
            builder.AddJsonFile(Path.Combine(dataFolder, File), optional: true);
        return builder.AddEnvironmentVariables("APPLIANCE_").AddCommandLine([.. settings]);
    }
}
