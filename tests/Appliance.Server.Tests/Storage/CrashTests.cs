namespace Appliance.Server.Tests.Storage;

public sealed class CrashTests
{
    [Fact]
    public async Task Opening_an_existing_store_writes_nothing()
    {
        var disk = SimulatedStore.NewDisk();
        await using (var store = SimulatedStore.Open(disk))
            await SimulatedStore.PutAsync(store, Note.With("a"));
        disk.Full = true;
        Assert.Equal(["a"], await SimulatedStore.ReadAllAsync(disk));
    }
}
