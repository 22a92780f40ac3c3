using Appliance.Server.Admin;
using Appliance.Server.Hosting;
using Appliance.Server.Storage;

namespace Appliance.Server.Commands;

/// <summary>What a command works on: the running service when there is one, otherwise the data folder itself, under its lock.</summary>
internal static class Target
{
    /// <summary>Asks the service; when none runs, opens the store and does <paramref name="alone"/> instead.</summary>
    public static async Task<T> AskAsync<T>(
        IConfigurationRoot configuration,
        HttpMethod method,
        string path,
        object? body,
        Func<IServiceProvider, string, CancellationToken, Task<Outcome<T>>> alone,
        CancellationToken cancellationToken)
        where T : class
    {
        using var control = new ControlClient(Configuration.DataPath(configuration));
        if (await control.SendAsync<T>(method, path, body, cancellationToken) is { } answer)
            return answer;

        await using var provider = await OpenAloneAsync(configuration, cancellationToken);
        var origin = provider.GetRequiredService<LinkMaker>().Origin(Startup.OriginOf(configuration["Listen:Web"] ?? new ListenerOptions().Web));
        var (value, refusal) = await alone(provider, origin, cancellationToken);
        return value ?? throw new CommandFailedException(refusal!);
    }

    /// <summary>The features over the opened store, without listeners.</summary>
    public static async Task<ServiceProvider> OpenAloneAsync(IConfigurationRoot configuration, CancellationToken cancellationToken)
    {
        var provider = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddLogging()
            .AddApplianceServices(configuration)
            .BuildServiceProvider();
        await provider.GetRequiredService<StoreHost>().OpenAsync(cancellationToken);
        return provider;
    }
}
