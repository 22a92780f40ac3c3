using System.Text;
using Appliance.Server.Storage;
using Appliance.Server.Storage.LiteDb;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Appliance.Server.Tests.Storage;

public sealed class DataFolderTests
{
    [Fact]
    public async Task A_second_opener_is_told_who_holds_the_folder()
    {
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        var refused = await Assert.ThrowsAsync<StoreLockedException>(() => OpenAsync(temporary.Path));
        Assert.Contains($"process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
        await temporary.OpenAgainAsync();
    }

    [Fact]
    public async Task Only_the_owner_can_look_in()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        foreach (var folder in new[] { "store", "blobs", "secrets", "run" })
            Assert.Equal("700", Octal(temporary.File(folder)));
        foreach (var file in new[] { "secrets/store.key", "store/data", "store/log", "store/mark", "store.lock" })
            Assert.Equal("600", Octal(temporary.File(file)));
    }

    [Fact]
    public async Task What_others_may_look_into_is_closed_to_them_and_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        Assert.Empty(temporary.Store.Folder.Closed);
        await temporary.CloseAsync();
        foreach (var entry in new[] { "store", "blobs", "secrets/store.key" })
            OpenToOthers(temporary.File(entry));
        await temporary.OpenAgainAsync();
        Assert.Equal(["store", "blobs", "secrets/store.key"], temporary.Store.Folder.Closed);
        Assert.Equal(["700", "700", "600"], new[] { "store", "blobs", "secrets/store.key" }.Select(entry => Octal(temporary.File(entry))));
    }

    [Fact]
    public async Task A_store_without_its_key_is_not_given_a_new_one()
    {
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        await temporary.CloseAsync();
        var key = temporary.File("secrets/store.key");
        var bytes = await File.ReadAllBytesAsync(key);
        File.Delete(key);
        var missing = await Assert.ThrowsAsync<StoreDamagedException>(() => OpenAsync(temporary.Path));
        Assert.Contains("key is missing", missing.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(key));

        bytes[0] ^= 1;
        await File.WriteAllBytesAsync(key, bytes);
        await Assert.ThrowsAsync<StoreDamagedException>(() => OpenAsync(temporary.Path));
        await File.WriteAllBytesAsync(key, bytes[..31]);
        await Assert.ThrowsAsync<StoreDamagedException>(() => OpenAsync(temporary.Path));
    }

    [Fact]
    public async Task Making_a_store_that_was_interrupted_starts_over()
    {
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        await temporary.CloseAsync();
        Directory.Move(temporary.File("store"), temporary.File("store.new"));
        await File.WriteAllBytesAsync(temporary.File("store.new/data"), [1, 2, 3]);
        await temporary.OpenAgainAsync();
        Assert.False(Directory.Exists(temporary.File("store.new")));
    }

    [Fact]
    public async Task Making_a_key_that_was_interrupted_starts_over()
    {
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        await temporary.CloseAsync();
        Directory.Delete(temporary.File("store"), recursive: true);
        File.Delete(temporary.File("secrets/store.key"));
        await File.WriteAllBytesAsync(temporary.File("secrets/store.key.new"), new byte[100]);
        await temporary.OpenAgainAsync();
        Assert.Equal(["store.key"], Directory.EnumerateFiles(temporary.File("secrets")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Refuses_two_collections_of_one_name_and_names_that_are_no_words()
    {
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        await temporary.CloseAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => OpenAsync(temporary.Path, Note.All, Note.All));
        await Assert.ThrowsAsync<InvalidOperationException>(() => OpenAsync(temporary.Path, Note.All.Index("by-tag", note => null)));
    }

    [Fact]
    public async Task An_index_declared_later_finds_rows_put_since()
    {
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        await temporary.CloseAsync();
        var more = Note.All.Index("size", note => [(byte)note.Content.Length]);
        await using var store = await OpenAsync(temporary.Path, more);
        await store.WriteAsync(tx => { tx.Put(more, Note.With("a", content: "12345")); return 0; });
        Assert.Single(store.Range(more, [5], [5], 10, index: "size"));
    }

    [Fact]
    public async Task A_dump_holds_every_page_and_blob_in_clear()
    {
        var word = Encoding.UTF8.GetBytes("found in the dump");
        var other = Encoding.UTF8.GetBytes("found in the blob");
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        var store = temporary.Store;
        var blob = await store.Blobs.WriteAsync(other.Length, output => output(other));
        await store.WriteAsync(tx => { tx.Put(Note.All, new Note { Id = "a", Content = word, Attached = blob }); return 0; });

        using var running = new MemoryStream();
        var summary = await store.DumpAsync(running, [Note.All]);
        Assert.Equal((0, 1, 0), (summary.DamagedPages, summary.Blobs, summary.DamagedBlobs));
        Assert.Equal(summary.Pages * 8192 + other.Length, running.Length);
        Assert.True(running.ToArray().AsSpan().IndexOf(word) >= 0 && running.ToArray().AsSpan().IndexOf(other) >= 0);

        await temporary.CloseAsync();
        using var closed = new MemoryStream();
        await StoreDump.WritePagesAsync(new StoreOptions { Path = temporary.Path }, closed);
        Assert.Equal(running.ToArray()[..^other.Length], closed.ToArray());
        foreach (var file in Directory.EnumerateFiles(temporary.Path, "*", SearchOption.AllDirectories))
            Assert.True((await File.ReadAllBytesAsync(file)).AsSpan().IndexOf(word) < 0);
    }

    [Fact]
    public async Task The_feature_opens_the_store_when_asked_and_not_before()
    {
        var path = Directory.CreateTempSubdirectory("appliance-test-").FullName;
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Data:Path"] = path }).Build();
        await using (var services = new ServiceCollection().AddStorage(configuration).AddCollection(Note.All).BuildServiceProvider())
        {
            var host = services.GetRequiredService<StoreHost>();
            Assert.Throws<InvalidOperationException>(() => host.Store);
            Assert.Empty(Directory.EnumerateFileSystemEntries(path));
            await host.OpenAsync();
            Assert.Same(host.Store, services.GetRequiredService<IStore>());
        }
        Directory.Delete(path, recursive: true);
    }

    private static Task<LiteDbStore> OpenAsync(string path, params ICollectionDeclaration[] collections) =>
        LiteDbStore.OpenAsync(new StoreOptions { Path = path }, collections, TimeProvider.System);

    private static void OpenToOthers(string path)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    private static string Octal(string path) =>
        OperatingSystem.IsWindows() ? "" : Convert.ToString((int)File.GetUnixFileMode(path), 8);
}
