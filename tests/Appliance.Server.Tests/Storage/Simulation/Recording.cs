using Appliance.Server.Storage.LiteDb;

namespace Appliance.Server.Tests.Storage.Simulation;

/// <summary>The disk at one moment, and how many works the store had acknowledged by then.</summary>
internal sealed record Moment(DiskState State, int Acknowledged);

/// <summary>A run of a store on a simulated disk, with every moment of the disk.</summary>
internal sealed class Recording
{
    private readonly List<Moment> _moments = [];

    private Recording(DiskState from, History history)
    {
        (Disk, History) = (new SimulatedDisk(from), history);
        Disk.BeforeChange = () => _moments.Add(new Moment(Disk.State, History.Acknowledged));
    }

    public SimulatedDisk Disk { get; }

    public History History { get; private set; }

    public IReadOnlyList<Moment> Moments => _moments;

    /// <summary>Opens (or makes) a store on the disk, checks it against its history, and lets it do <paramref name="workload"/>.</summary>
    public static async Task<Recording> OfAsync(
        DiskState from, History history, int acknowledged, Func<LiteDbStore, Recording, Task> workload, Action<SimulatedDisk>? prepare = null)
    {
        var recording = new Recording(from, history.At(acknowledged));
        prepare?.Invoke(recording.Disk);
        await using (var store = SimulatedStore.Open(recording.Disk))
        {
            recording.History = history.UpTo(await history.CheckAsync(store, recording.Disk, acknowledged));
            await workload(store, recording);
        }
        recording._moments.Add(new Moment(recording.Disk.State, recording.History.Acknowledged));
        return recording;
    }
}
