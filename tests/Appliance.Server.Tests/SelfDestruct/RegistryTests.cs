using System.Reflection;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;
using CollectionAttribute = Appliance.Server.Storage.Registry.CollectionAttribute;

namespace Appliance.Server.Tests.SelfDestruct;

/// <summary>What goes with a message is what the registry says, no more and no less.</summary>
public sealed class RegistryTests
{
    private static readonly Dictionary<string, CollectionAttribute> Declared = typeof(IStore).Assembly.GetTypes()
        .Select(type => type.GetCustomAttribute<CollectionAttribute>())
        .OfType<CollectionAttribute>()
        .ToDictionary(collection => collection.Name);

    [Fact]
    public async Task All_that_is_marked_so_goes_with_the_message_and_nothing_else_does()
    {
        await using var box = await Letterbox.OpenAsync();
        await box.Destroyer.RunAsync(CancellationToken.None);
        var empty = await box.KeysAsync();
        var message = await box.ReceiveAsync(isLarge: true);
        await box.MoveAsync(FolderRole.Trash, message);
        await box.EditAsync((tx, edit) => tx.Expire(edit, box.Time.Wall.AddDays(1), 5, box.Time.Wall), message);
        var full = await box.KeysAsync();
        // A collection that is marked and has no row here would go untested: give the message one.
        Assert.Equal(Marked(Declared.Keys), Marked(full.Keys.Where(name => full[name].Count > empty.GetValueOrDefault(name, []).Count)));

        await box.Destroyer.DestroyAsync(Letterbox.Edit(message), CancellationToken.None);
        var after = await box.KeysAsync();
        foreach (var (name, keys) in full)
        {
            var left = after.GetValueOrDefault(name, []);
            if (IsMarked(name))
                Assert.Empty(left);
            else
                Assert.Superset(keys, left);
        }
    }

    private static bool IsMarked(string name) => Declared[name.Split('.')[0]].DestroyedWithMessage;

    private static IEnumerable<string> Marked(IEnumerable<string> names) => names.Select(name => name.Split('.')[0]).Distinct().Where(IsMarked).Order();
}
