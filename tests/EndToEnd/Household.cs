using Appliance.EndToEnd.Harness;
using Xunit.Sdk;
using Xunit.v3;

// Much of it waits: for a browser, for a timer, for a disk.
[assembly: Parallelization(Mode = ParallelMode.Collections, MaxThreads = 2)]

namespace Appliance.EndToEnd;

/// <summary>An appliance that is set up, with its operator Ann and a second member, Ben, each at a computer of their own.</summary>
public sealed class Household : IAsyncDisposable
{
    public const string Domain = "home.example";
    public const string AnnAddress = "ann@" + Domain;
    public const string BenAddress = "ben@" + Domain;
    public const string BenPassword = "пароль, 密码 and naïve";
    public const string AnnPassword = "correct horse battery staple";

    private Household(ApplianceProcess appliance) => Appliance = appliance;

    public ApplianceProcess Appliance { get; }

    public BridgeProgram Ann { get; } = new(AnnPassword);

    public BridgeProgram Ben { get; } = new(BenPassword);

    public static async Task<Household> MoveInAsync(ApplianceSettings? settings = null)
    {
        var household = new Household(await ApplianceProcess.StartAsync(settings));
        try
        {
            (await household.Appliance.CommandAsync("setup", "--domain", Domain, "--admin", AnnAddress)).Succeeded();
            await household.Ann.ActivateAsync(household.Appliance.SetupLink);
            await household.Ben.ActivateAsync(await household.Appliance.InviteAsync(BenAddress));
            return household;
        }
        catch
        {
            await household.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Ann.Dispose();
        Ben.Dispose();
        await Appliance.DisposeAsync();
    }
}

/// <summary>One household for all tests of a class.</summary>
public sealed class SharedHousehold : IAsyncLifetime
{
    private Household? _household;

    public Household Household => _household!;

    public async ValueTask InitializeAsync() => _household = await Household.MoveInAsync();

    public ValueTask DisposeAsync() => _household?.DisposeAsync() ?? ValueTask.CompletedTask;
}
