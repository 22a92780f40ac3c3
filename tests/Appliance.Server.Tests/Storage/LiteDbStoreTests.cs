using Appliance.Server.Storage;
using Appliance.Server.Tests.Storage.Conformance;

namespace Appliance.Server.Tests.Storage;

/// <summary>The embedded engine, in real files, under the suite every engine passes.</summary>
public sealed class LiteDbStoreTests : StoreConformance
{
    protected override async Task<IStoreUnderTest> OpenAsync(IReadOnlyList<ICollectionDeclaration> collections) =>
        new InFiles(await TemporaryStore.OpenAsync([.. collections]));

    private sealed class InFiles(TemporaryStore first) : IStoreUnderTest
    {
        private readonly List<TemporaryStore> _all = [first];

        public IStore Store => _all[^1].Store;

        public Task CloseAsync() => _all[^1].CloseAsync();

        public Task OpenAgainAsync() => _all[^1].OpenAgainAsync();

        /// <summary>What a kill leaves: the files as they are at this moment.</summary>
        public async Task CrashAsync() => _all.Add(await _all[^1].CopyAsync());

        public async ValueTask DisposeAsync()
        {
            foreach (var store in _all)
                await store.DisposeAsync();
        }
    }
}
