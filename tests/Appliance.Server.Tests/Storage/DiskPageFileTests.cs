using System.Security.Cryptography;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Tests.Storage;

/// <summary>Pages that are written past the system's cache.</summary>
public sealed class DiskPageFileTests : IDisposable
{
    private const int Length = 64 * IPageFile.PageLength;
    private readonly string _root = Directory.CreateTempSubdirectory("appliance-pages-").FullName;
    private readonly byte[] _room = GC.AllocateArray<byte>(Length + IPageFile.PageLength, pinned: true);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, IPageFile.PageLength)]
    [InlineData(1, 0)] // which the disk does not take past the cache
    [InlineData(0, 1)]
    public void Are_in_the_file_where_they_were_written(int misplacedInMemory, int offset)
    {
        var path = Path.Combine(_root, "pages");
        var pages = Pages(misplacedInMemory);
        RandomNumberGenerator.Fill(pages);
        using (var file = DiskPageFile.Create(path))
        {
            file.WritePages(pages, offset);
            file.Write("the end"u8, offset + Length); // of no page's length: goes through the cache again
            file.Sync();
        }
        Assert.Equal([.. new byte[offset], .. pages, .. "the end"u8], File.ReadAllBytes(path));
    }

    [Fact]
    public void That_fit_nowhere_are_an_error()
    {
        var path = Path.Combine(_root, "pages");
        File.WriteAllBytes(path, []);
        using var file = DiskPageFile.OpenToRead(path);
        Assert.ThrowsAny<SystemException>(() => file.WritePages(Pages(0), 0));
    }

    /// <summary>Memory from the beginning of a page on, or a little behind it.</summary>
    private Span<byte> Pages(int misplaced)
    {
        var address = System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_room, 0);
        return _room.AsSpan((int)(-address & (IPageFile.PageLength - 1)) + misplaced, Length);
    }
}
