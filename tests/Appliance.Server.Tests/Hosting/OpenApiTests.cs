using System.Reflection;

namespace Appliance.Server.Tests.Hosting;

/// <summary>The committed description of the API, from which the web client's types are made, is what the server says of itself.</summary>
public sealed class OpenApiTests
{
    private static readonly string Committed = Path.Combine(
        typeof(OpenApiTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "RepositoryRoot").Value!,
        "src", "web", "api", "openapi.json");

    [Fact]
    public async Task The_committed_description_is_true()
    {
        await using var appliance = await RunningAppliance.StartAsync();
        var described = await appliance.Http.GetStringAsync("/api/openapi.json");
        if (Environment.GetEnvironmentVariable("UPDATE_OPENAPI") == "1")
            await File.WriteAllTextAsync(Committed, described + "\n");
        Assert.Equal(await File.ReadAllTextAsync(Committed), described + "\n");
    }
}
