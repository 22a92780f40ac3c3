using Appliance.EndToEnd.Durability;
using Appliance.EndToEnd.Harness;
using Appliance.EndToEnd.Web;

namespace Appliance.EndToEnd.SelfDestruct;

/// <summary>What expired while the service was down, on a disk that others have filled meanwhile.</summary>
public sealed class FullDiskTests
{
    // Room for what a start itself writes: who runs, and on which ports.
    private const long Remainder = 96 << 10;
    private const int Kept = 5;

    [Fact]
    public async Task Is_destroyed_for_all_that_and_nothing_else_is()
    {
        await using var disk = await SmallDisk.MountAsync(64);
        var dataPath = Path.Combine(disk.Root, "data");
        await using var household = await Household.MoveInAsync(new ApplianceSettings
        {
            DataPath = dataPath,
            Values = new Dictionary<string, string> { ["Data:ReserveMegabytes"] = "0" },
        });
        var appliance = household.Appliance;
        for (var i = 0; i < 60; i++)
            await Letters.PlainAsync(appliance, Household.AnnAddress, $"message {i}", new string('x', i % 10 == 0 ? 60_000 : 600).Insert(300, "\n"));
        await appliance.StopAsync();

        var expired = (await StoppedStore.MessagesAsync(dataPath)).Skip(Kept).ToList();
        await StoppedStore.ExpireAsync(dataPath, TimeProvider.System.GetUtcNow().AddSeconds(1), expired);
        disk.Fill(Remainder);
        Assert.InRange(new DriveInfo(disk.Root).AvailableFreeSpace, 0, Remainder);
        await Task.Delay(TimeSpan.FromSeconds(2)); // the time of the messages, not of the test

        await appliance.StartAsync();
        Assert.Equal(Kept, (await household.Ann.ListAsync()).Count);
        Assert.Contains("The store is whole.", (await appliance.CommandAsync("store", "verify")).Succeeded().Text, StringComparison.Ordinal);
        await appliance.StopAsync();
        Assert.Equal(Kept, (await StoppedStore.MessagesAsync(dataPath)).Count);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(dataPath, "blobs"), "*", SearchOption.AllDirectories).Skip(1)); // of the five, one is large

        disk.MakeRoom();
        await appliance.StartAsync();
        await Letters.PlainAsync(appliance, Household.AnnAddress, "afterwards", "There is room again.");
        Assert.Equal(Kept + 1, (await household.Ann.ListAsync()).Count);
    }
}
