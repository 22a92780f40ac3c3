using Appliance.Server.Storage;

namespace Appliance.Server.Tests.Storage;

/// <summary>The embedded engine under the suite every engine passes.</summary>
public sealed class LiteDbStoreTests : StoreConformance
{
    private TemporaryStore _temporary = null!;

    protected override IStore Store => _temporary.Store;

    public override async ValueTask InitializeAsync() => _temporary = await TemporaryStore.OpenAsync(Note.All);

    public override ValueTask DisposeAsync() => _temporary.DisposeAsync();

    protected override Task OpenAgainAsync() => _temporary.OpenAgainAsync();
}
