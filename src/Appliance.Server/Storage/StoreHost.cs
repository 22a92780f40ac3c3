using Appliance.Server.Storage.LiteDb;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Storage;

/// <summary>Holds the opened store for the process: <see cref="OpenAsync"/> at start, before anything asks for it.</summary>
public sealed class StoreHost(
    IOptions<StoreOptions> options, IEnumerable<ICollectionDeclaration> collections, TimeProvider time) : IAsyncDisposable
{
    private LiteDbStore? _store;

    /// <exception cref="InvalidOperationException">The store is not open yet.</exception>
    public LiteDbStore Store => _store ?? throw new InvalidOperationException("The store is used before it was opened.");

    /// <summary>The data folder; locked while the store is open.</summary>
    public DataFolder Folder => Store.Folder;

    /// <summary>Every collection a feature declared.</summary>
    public IEnumerable<ICollectionDeclaration> Collections => collections;

    public async Task OpenAsync(CancellationToken cancellationToken = default) =>
        _store ??= await LiteDbStore.OpenAsync(options.Value, collections, time, cancellationToken);

    public ValueTask DisposeAsync() => _store?.DisposeAsync() ?? ValueTask.CompletedTask;
}
