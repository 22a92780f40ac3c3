using Appliance.Server.Hosting;
using Appliance.Server.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Appliance.Server.Tests.Hosting;

/// <summary>The whole service inside the test process, on free loopback ports and an empty data folder of its own.</summary>
internal sealed class RunningAppliance : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;

    private RunningAppliance(WebApplication app, string folder, BoundPorts ports)
    {
        (_app, _folder, Mx) = (app, folder, HostAndPort.Parse(ports.Mx));
        Http = new HttpClient { BaseAddress = new Uri($"http://{ports.Web}") };
    }

    public HttpClient Http { get; }

    /// <summary>Where SMTP is received.</summary>
    public HostAndPort Mx { get; }

    public string Folder => _folder;

    public IServiceProvider Services => _app.Services;

    public static async Task<RunningAppliance> StartAsync(params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("appliance-").FullName;
        string[] all =
        [
            "--Data:Path", folder, "--Listen:Mx", "localhost:0", "--Listen:Web", "localhost:0", "--Serilog:MinimumLevel:Default", "Error", .. settings,
        ];
        var app = ApplianceHost.Build(Configuration.Read(all));
        await app.Services.GetRequiredService<StoreHost>().OpenAsync();
        await app.StartAsync();
        return new RunningAppliance(app, folder, BoundPorts.Read(app.Services.GetRequiredService<StoreHost>().Folder));
    }

    /// <summary>The token of the set-up link that the service wrote at its start.</summary>
    public string SetupToken => File.ReadAllText(Path.Combine(_folder, "secrets", "setup-link")).Trim().Split('#')[1];

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
