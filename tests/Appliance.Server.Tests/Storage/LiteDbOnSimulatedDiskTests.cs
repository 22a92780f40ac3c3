using Appliance.Server.Storage;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Tests.Storage.Conformance;
using Appliance.Server.Tests.Storage.Simulation;

namespace Appliance.Server.Tests.Storage;

/// <summary>The embedded engine under the same suite, on a disk that loses in a crash whatever was not synced.</summary>
public sealed class LiteDbOnSimulatedDiskTests : StoreConformance
{
    protected override Task<IStoreUnderTest> OpenAsync(IReadOnlyList<ICollectionDeclaration> collections) =>
        Task.FromResult<IStoreUnderTest>(new OnDisk(SimulatedStore.EmptyDisk()));

    private sealed class OnDisk : IStoreUnderTest
    {
        private readonly List<LiteDbStore> _opened = [];
        private SimulatedDisk _disk;

        public OnDisk(SimulatedDisk disk)
        {
            _disk = disk;
            _opened.Add(SimulatedStore.Open(_disk));
        }

        public IStore Store => _opened[^1];

        public async Task CloseAsync() => await _opened[^1].DisposeAsync();

        public async Task OpenAgainAsync()
        {
            await CloseAsync();
            _opened.Add(SimulatedStore.Open(_disk));
        }

        public Task CrashAsync()
        {
            _disk = _disk.AfterPowerCut(Dice.Loses);
            _opened.Add(SimulatedStore.Open(_disk));
            return Task.CompletedTask;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var store in _opened)
                await store.DisposeAsync();
        }
    }
}
