using Appliance.Server.Storage.LiteDb;

namespace Appliance.Server.Tests.Storage.Simulation;

/// <summary>Cuts the power at every moment of a recorded run, and again at some moment after the store has gone on.</summary>
internal sealed class PowerCuts(uint seed, Action<SimulatedDisk>? prepare = null)
{
    private const uint ByChance = 6;
    private const uint GoingOn = 3; // every third
    private int _first;
    private int _second;

    public int First => _first;

    public int Second => _second;

    public async Task EverywhereAsync(DiskState from, Func<LiteDbStore, Recording, Task> workload)
    {
        var recording = await Recording.OfAsync(from, new History(), 0, workload, prepare);
        await Parallel.ForAsync(0, recording.Moments.Count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (at, _) =>
        {
            var moment = recording.Moments[at];
            var dice = new Dice(seed * 1_000_003 + (uint)at);
            var way = "";
            try
            {
                way = "all that was not synced is lost";
                await CutAsync(moment.State.AfterPowerCut(Dice.Loses));
                if (moment.State.IsSynced)
                    return;
                way = "nothing is lost";
                await CutAsync(moment.State.AfterPowerCut(Dice.Keeps));
                for (var i = 0u; i < ByChance; i++)
                {
                    way = $"chance decides ({i})";
                    await CutAsync(moment.State.AfterPowerCut(dice));
                }
                way = "the process is killed, and started again before the power cut";
                await GoOnAsync(moment.State, (_, _) => Task.CompletedTask, Last);
                await GoOnAsync(moment.State, WriteOnAsync, Last);
                await GoOnAsync(moment.State, WriteOnAsync, Some);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"Seed {seed}, moment {at} of {recording.Moments.Count}, {way}: {error.Message}", error);
            }

            Task CutAsync(DiskState left)
            {
                Interlocked.Increment(ref _first);
                return dice.Roll(GoingOn) == 0 ? GoOnAsync(left, WriteOnAsync, Some) : OpenAsync(left, recording.History, moment.Acknowledged);
            }

            async Task GoOnAsync(DiskState left, Func<LiteDbStore, Recording, Task> workload, Func<IReadOnlyList<Moment>, (Moment, Dice)> choose)
            {
                var next = await Recording.OfAsync(left, recording.History, moment.Acknowledged, workload, prepare);
                var (second, fate) = choose(next.Moments);
                await OpenAsync(second.State.AfterPowerCut(fate), next.History, second.Acknowledged);
                Interlocked.Increment(ref _second);
            }

            static (Moment, Dice) Last(IReadOnlyList<Moment> moments) => (moments[^1], Dice.Loses);

            (Moment, Dice) Some(IReadOnlyList<Moment> moments) => (moments[(int)dice.Roll((uint)moments.Count)], dice);
        });
    }

    private static Task<Recording> OpenAsync(DiskState left, History history, int acknowledged) =>
        Recording.OfAsync(left, history, acknowledged, (_, _) => Task.CompletedTask);

    private static async Task WriteOnAsync(LiteDbStore store, Recording recording)
    {
        var history = recording.History;
        var next = 5000 + history.Now.Count;
        await history.PutAsync(store, Workloads.Message(next, 9000));
        await history.PutWithBlobAsync(store, Workloads.Message(next + 1, 100), 70_000);
        if (next % 2 == 0)
            await store.CheckpointAsync();
        await history.DeleteAsync(store, Workloads.Id(next));
    }
}
