using System.Security.Cryptography;
using Appliance.EndToEnd.Traffic;

namespace Appliance.EndToEnd.Durability;

/// <summary>Promise 6: kill -9 under load, again and again on one data folder, loses nothing that was acknowledged and doubles nothing.</summary>
public sealed class KilledAtAnyMoment(ITestOutputHelper output)
{
    private const int MostBetweenKills = 80;
    private const int MostMilliseconds = 30;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public Task Nothing_acknowledged_is_lost_or_doubled_over_ten_kills() => KillAsync(10);

    [Fact]
    [Trait("level", "full")]
    public Task Nothing_acknowledged_is_lost_or_doubled_over_two_hundred_kills() => KillAsync(200);

    private async Task KillAsync(int kills)
    {
        // APPLIANCE_SEED sends the same messages again, with kills after as many of them.
        var seed = Environment.GetEnvironmentVariable("APPLIANCE_SEED") ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        output.WriteLine($"APPLIANCE_SEED={seed}");
        var random = new SeededBytes(seed);
        var load = new Load(seed);
        await using var household = await Household.MoveInAsync();
        for (var kill = 1; kill <= kills; kill++)
        {
            var enough = load.UntilAsync(load.Acknowledged + 1 + random.Below(MostBetweenKills));
            var sending = load.RunAsync(household.Appliance.Mx);
            // On the sender's thread, so that half of the kills come right behind a 250, when what it promised must be there already.
            await enough.WaitAsync(Deadline).ConfigureAwait(false);
            if (random.Below(2) == 0)
                await Task.Delay(random.Below(MostMilliseconds));
            await household.Appliance.KillAsync();
            await sending;
            await household.Appliance.StartAsync();
        }

        output.WriteLine($"{load.Acknowledged} acknowledged, {load.InDoubt} in doubt");
        Assert.Empty(load.Refusals);
        Assert.InRange(load.InDoubt, 1, int.MaxValue);
        await load.AssertKeptAsync(household.Ann);
    }
}
