using System.Globalization;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Durability;

/// <summary>
/// Promise 6 on a disk that fills up with mail and with what others write: down to the reserve, and further when there is none, so that
/// writes fail in the middle.
/// </summary>
public sealed class FullDisk
{
    private const long Megabyte = 1 << 20;
    private const int DiskMegabytes = 48;
    private const int Reserve = 8;

    // Less than what any message takes, more than what the smallest say they are.
    private const long Remainder = 16 << 10;

    private const int MostRounds = 2000;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(Reserve)]
    [InlineData(0)]
    public async Task Puts_senders_off_until_there_is_room_and_loses_nothing_acknowledged(int reserve)
    {
        await using var disk = await SmallDisk.MountAsync(DiskMegabytes);
        await using var household = await Household.MoveInAsync(new ApplianceSettings
        {
            DataPath = Path.Combine(disk.Root, "data"),
            Values = new Dictionary<string, string> { ["Data:ReserveMegabytes"] = reserve.ToString(CultureInfo.InvariantCulture) },
        });
        var appliance = household.Appliance;
        var load = new Load("full disk");
        for (var i = 0; i < 10; i++)
            Assert.True(IsKept(await load.SendOneAsync(appliance.Mx)));

        disk.Fill(reserve * Megabyte + 2 * Megabyte);
        while (load.Refusals.Count == 0)
        {
            Assert.InRange(load.Acknowledged, 0, DiskMegabytes * 100); // more is not to be had for this room
            await load.SendOneAsync(appliance.Mx);
        }
        foreach (var left in new[] { Remainder, Remainder, 0 })
        {
            disk.Fill(left);
            for (var i = 0; i < 5; i++)
                await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => load.SendOneAsync(appliance.Mx)));
        }

        // Refused beforehand where there is a reserve; else some are refused because a write fails, once the journal has used the room it already has.
        for (var i = 0; reserve == 0 && !load.Refusals.Any(IsFailedWrite); i++)
        {
            Assert.InRange(i, 0, MostRounds);
            disk.Fill(Remainder);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => load.SendOneAsync(appliance.Mx)));
        }
        Assert.All(load.Refusals, refusal => Assert.StartsWith("452 4.3.1 ", refusal, StringComparison.Ordinal));
        await load.AssertKeptAsync(household.Ann);
        Assert.Equal(reserve == 0, load.Refusals.Any(IsFailedWrite));

        disk.MakeRoom();
        await Until.SomeAsync(
            async () => IsKept(await load.SendOneAsync(appliance.Mx)) ? "kept" : null, Deadline, () => "Mail is still refused: " + load.Refusals.Last());
        for (var i = 0; i < 10; i++)
            Assert.True(IsKept(await load.SendOneAsync(appliance.Mx)));
        Assert.Equal(0, load.InDoubt);
        await load.AssertKeptAsync(household.Ann);

        await appliance.StopAsync();
        await appliance.StartAsync();
        await load.AssertKeptAsync(household.Ann);
    }

    private static bool IsFailedWrite(string answer) => answer.Contains("could not be stored", StringComparison.Ordinal);

    private static bool IsKept(string answer) => answer.StartsWith("250 2.0.0 ", StringComparison.Ordinal);
}
