using Appliance.Server.Storage;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Tests.Storage;

/// <summary>
/// A store in a folder of its own that goes when it is disposed:
/// <c>await using var temporary = await TemporaryStore.OpenAsync(Rows.Collection);</c>
/// </summary>
public sealed class TemporaryStore : IAsyncDisposable
{
    private readonly IReadOnlyList<ICollectionDeclaration> _collections;

    private TemporaryStore(string path, IReadOnlyList<ICollectionDeclaration> collections) =>
        (Path, _collections, Store) = (path, collections, null!);

    public string Path { get; }

    public LiteDbStore Store { get; private set; }

    public static async Task<TemporaryStore> OpenAsync(params ICollectionDeclaration[] collections)
    {
        var temporary = new TemporaryStore(Directory.CreateTempSubdirectory("appliance-test-").FullName, collections);
        await temporary.OpenAgainAsync();
        return temporary;
    }

    /// <summary>Closes the store, if it is open, and opens it again from its files.</summary>
    public async Task OpenAgainAsync()
    {
        await CloseAsync();
        Store = await LiteDbStore.OpenAsync(new StoreOptions { Path = Path }, _collections, TimeProvider.System);
    }

    public async Task CloseAsync()
    {
        if (Store is not null)
            await Store.DisposeAsync();
    }

    /// <summary>Opens what lies in the files at this moment, in another folder, as after a kill. No checkpoint may be under way.</summary>
    public async Task<TemporaryStore> CopyAsync()
    {
        var copy = new TemporaryStore(Directory.CreateTempSubdirectory("appliance-test-").FullName, _collections);
        // Later files may be newer than earlier ones: the mark must not name what the log has not, nor the log a blob that is not there, and what has left the journal
        // is in the log.
        await CopyAsync(["store/mark"]);
        foreach (var (name, content) in await ReadJournalAsync())
            await System.IO.File.WriteAllBytesAsync(copy.File(name), content);
        await CopyAsync(["store/log", "store/data"]);
        foreach (var folder in new[] { "secrets", "blobs" })
            await CopyAsync(Directory.GetFiles(File(folder), "*", SearchOption.AllDirectories).Select(file => System.IO.Path.GetRelativePath(Path, file)));
        await copy.OpenAgainAsync();
        return copy;

        async Task CopyAsync(IEnumerable<string> names)
        {
            foreach (var name in names)
            {
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy.File(name))!);
                await System.IO.File.WriteAllBytesAsync(copy.File(name), await ReadAsync(File(name)));
            }
        }
    }

    /// <summary>The journal begins again at its start, so half of it may be older than the other half: not when two readings agree.</summary>
    private async Task<List<(string Name, byte[] Content)>> ReadJournalAsync()
    {
        for (var before = await ReadOnceAsync(); ;)
        {
            var now = await ReadOnceAsync();
            if (now.Zip(before).All(pair => pair.First.Content.AsSpan().SequenceEqual(pair.Second.Content)))
                return now;
            before = now;
        }

        async Task<List<(string Name, byte[] Content)>> ReadOnceAsync()
        {
            var files = new List<(string, byte[])>();
            foreach (var (name, _) in Journal.Files)
                files.Add(($"store/{name}", await ReadAsync(File($"store/{name}"))));
            return files;
        }
    }

    private static async Task<byte[]> ReadAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var content = new MemoryStream();
        await file.CopyToAsync(content);
        return content.ToArray();
    }

    public byte[] Key => System.IO.File.ReadAllBytes(File("secrets/store.key"));

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Directory.Delete(Path, recursive: true);
    }
}
