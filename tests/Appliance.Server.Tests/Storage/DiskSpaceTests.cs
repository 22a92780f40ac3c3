using Appliance.Server.Storage;
using Appliance.Server.Storage.Blobs;
using Appliance.Server.Storage.LiteDb;

namespace Appliance.Server.Tests.Storage;

public sealed class DiskSpaceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("appliance-test-");

    private string Ballast => Path.Combine(_folder.FullName, "ballast");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Room_is_what_is_free_beyond_the_reserve()
    {
        var free = new DriveInfo(_folder.FullName).AvailableFreeSpace;
        Assert.True(Space(reserveMegabytes: 0).HasRoomFor(1));
        Assert.False(Space(reserveMegabytes: 0).HasRoomFor(2 * free));
        Assert.False(Space(reserveMegabytes: free >> 19).HasRoomFor(1));
    }

    [Fact]
    public async Task The_ballast_goes_when_a_write_fails_and_is_laid_again_when_writing_works()
    {
        var space = Space(reserveMegabytes: 0);
        space.LayBallast();
        Assert.Equal(DiskSpace.BallastBytes, new FileInfo(Ballast).Length);

        var disk = SimulatedStore.NewDisk();
        await using var store = LiteDbStore.Open(SimulatedStore.FilesOf(disk), SimulatedStore.Key, new BlobStore("no blobs"), null, space);
        disk.BeforeChange = () => disk.Full = File.Exists(Ballast); // deleting it makes the room
        await SimulatedStore.PutAsync(store, Note.With("destroyed"));
        Assert.False(File.Exists(Ballast));
        disk.BeforeChange = () => { };
        await store.CheckpointAsync();
        Assert.True(File.Exists(Ballast));
    }

    [Fact]
    public void Where_room_is_short_there_is_no_ballast()
    {
        Space(reserveMegabytes: new DriveInfo(_folder.FullName).AvailableFreeSpace >> 20).LayBallast();
        Assert.False(File.Exists(Ballast));
    }

    private DiskSpace Space(long reserveMegabytes) => new(_folder.FullName, new StoreOptions { ReserveMegabytes = reserveMegabytes });
}
