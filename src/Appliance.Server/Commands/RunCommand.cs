using System.CommandLine;
using System.Net.Sockets;
using Appliance.Server.Hosting;
using Appliance.Server.Storage;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Commands;

/// <summary><c>appliance run</c>, the default: the service, until it is told to stop.</summary>
internal static class RunCommand
{
    // Work of the thread pool waits for the disk too: with a thread for each processor, which is the pool's least, these would idle meanwhile. Measured with messages of 1 MB.
    private const int PoolThreadsForEachProcessor = 4;

    public static Command Build(Lazy<IConfigurationRoot> configuration)
    {
        var command = new Command("run", "Run the service (the default).");
        command.SetAction((_, cancellationToken) => RunAsync(configuration.Value, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(IConfigurationRoot configuration, CancellationToken cancellationToken)
    {
        ThreadPool.GetMinThreads(out _, out var completions);
        ThreadPool.SetMinThreads(PoolThreadsForEachProcessor * Environment.ProcessorCount, completions);
        await using var app = ApplianceHost.Build(configuration);
        try
        {
            await app.Services.GetRequiredService<StoreHost>().OpenAsync(cancellationToken);
            await app.RunAsync(cancellationToken);
        }
        catch (OptionsValidationException wrong)
        {
            throw new CommandFailedException("The configuration is not right:\n  " + string.Join("\n  ", wrong.Failures));
        }
        catch (IOException inUse) when (inUse.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new CommandFailedException($"{inUse.Message}\nStop the program that uses the port, or change Listen:Mx or Listen:Web in appsettings.json.");
        }
        catch (IOException refused) when (refused.InnerException is SocketException)
        {
            throw new CommandFailedException($"{refused.Message}\nListen:Mx and Listen:Lmtp in appsettings.json name an address of this machine, and a port that this user may open.");
        }
        return CommandLine.Done;
    }
}
