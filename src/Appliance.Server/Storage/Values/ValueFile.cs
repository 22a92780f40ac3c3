using System.Buffers;
using System.Security.Cryptography;
using Appliance.Crypto.Formats;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Storage.Values;

/// <summary>
/// Values too large for a leaf, in a file of their own: each AES-256-GCM ciphertext ‖ tag 16, under a key that seals nothing else (so the nonce is zero) and that only
/// its <see cref="ValuePlace"/> has, filled up with zeros to whole blocks, so that no write touches two of them. LiteDB would carry each through its log, its file and a cache that never shrinks.
/// What is here says nothing of what is in use: the engine lists it. Where a row has gone, its extent is listed as released, wiped, taken off the list, and only then used again:
/// each step when the one before is durable. Thread-safe.
/// </summary>
internal sealed class ValueFile(IPageFile file) : IDisposable
{
    public const string Name = "values";
    private const int Block = 4096;
    private const int TagLength = 16;
    private readonly Lock _gate = new();
    private List<ValuePlace> _unsynced = [];
    private List<ValuePlace> _syncing = []; // were written before the sync that is under way
    private readonly List<Extent> _released = []; // no row has them, but somebody may still be reading
    private readonly List<Extent> _wiped = []; // listed still
    private FreeExtents _free = new(BlocksOf(file.Length));
    private bool _mayBeLost; // a sync failed, after which the system may forget what was not written yet

    private static ReadOnlySpan<byte> Nonce => new byte[12];

    /// <summary>Bytes that values take, those that may be used again included.</summary>
    public long Length
    {
        get
        {
            lock (_gate)
                return _free.End;
        }
    }

    public static long BytesFor(int length) => BlocksOf(length + TagLength);

    /// <summary>What has yet to be wiped.</summary>
    public IReadOnlyList<Extent> Released
    {
        get
        {
            lock (_gate)
                return [.. _released];
        }
    }

    /// <summary>What was wiped and may be taken off the list.</summary>
    public IReadOnlyList<Extent> Wiped
    {
        get
        {
            lock (_gate)
                return [.. _wiped];
        }
    }

    /// <summary>Learns what of the file is not free; until then nothing in it is used again.</summary>
    /// <param name="listed">In order of their offsets.</param>
    /// <exception cref="StoreDamagedException">Two of them overlap.</exception>
    public void Load(IEnumerable<ListedExtent> listed)
    {
        var (gaps, released) = (new List<Extent>(), new List<Extent>());
        var end = 0L;
        foreach (var (extent, isReleased) in listed)
        {
            if (isReleased)
                released.Add(extent);
            if (extent.Offset < end)
                throw new StoreDamagedException("Two rows lie in one place of store/values. Restore the newest backup.");
            if (extent.Offset > end)
                gaps.Add(new Extent(end, extent.Offset - end));
            end = extent.End;
        }
        lock (_gate)
        {
            _free = new FreeExtents(end);
            gaps.ForEach(_free.Give);
            _released.AddRange(released);
        }
    }

    /// <summary>Writes a value, which is durable after <see cref="Sync"/>.</summary>
    /// <exception cref="IOException">The disk did not take it.</exception>
    public ValuePlace Write(ReadOnlySpan<byte> value)
    {
        var key = RandomBytes.Get(ValuePlace.KeyLength);
        var length = (int)BytesFor(value.Length);
        var rented = ArrayPool<byte>.Shared.Rent(length);
        var block = rented.AsSpan(0, length);
        try
        {
            using (var cipher = new AesGcm(key, TagLength))
                cipher.Encrypt(Nonce, value, block[..value.Length], block.Slice(value.Length, TagLength));
            block[(value.Length + TagLength)..].Clear();
            lock (_gate)
            {
                var place = new ValuePlace(_free.Take(length), value.Length, key);
                try
                {
                    file.Write(block, place.Offset);
                }
                catch
                {
                    _free.Give(place.Extent);
                    throw;
                }
                _unsynced.Add(place);
                return place;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>The value; null when what lies there is not what was written.</summary>
    public byte[]? TryRead(ValuePlace place)
    {
        var length = place.Length + TagLength;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            if (!file.TryRead(rented.AsSpan(0, length), place.Offset))
                return null;
            var value = new byte[place.Length];
            using var cipher = new AesGcm(place.Key, TagLength);
            cipher.Decrypt(Nonce, rented.AsSpan(0, place.Length), rented.AsSpan(place.Length, TagLength), value);
            return value;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Returns once every value that was written before is on the medium. Values may be written and released meanwhile; one sync at a time.</summary>
    /// <exception cref="IOException">Some may not be.</exception>
    public void Sync()
    {
        lock (_gate)
        {
            if (_mayBeLost)
                WriteAgain();
            if (_unsynced.Count == 0)
                return;
            (_syncing, _unsynced) = (_unsynced, _syncing);
        }
        try
        {
            file.Sync();
        }
        catch
        {
            lock (_gate)
            {
                _unsynced.InsertRange(0, _syncing);
                _mayBeLost = true;
            }
            throw;
        }
        finally
        {
            lock (_gate)
                _syncing.Clear();
        }
    }

    /// <summary>No row has these any more.</summary>
    public void Release(IReadOnlyCollection<ValuePlace> former)
    {
        if (former.Count == 0)
            return;
        var offsets = former.Select(place => place.Offset).ToHashSet();
        lock (_gate)
        {
            foreach (var places in new[] { _unsynced, _syncing })
                places.RemoveAll(place => offsets.Contains(place.Offset));
            _released.AddRange(former.Select(place => place.Extent));
        }
    }

    /// <summary>Leaves nothing of what was released. When nobody reads there any more, and no crash can bring back a row that has it.</summary>
    /// <param name="extents">What <see cref="Released"/> said since the last time.</param>
    /// <exception cref="IOException">Something may be left.</exception>
    public void Wipe(IReadOnlyCollection<Extent> extents)
    {
        if (extents.Count == 0)
            return;
        var zeros = new byte[extents.Max(extent => extent.Length)];
        foreach (var extent in extents)
            file.Write(zeros.AsSpan(0, (int)extent.Length), extent.Offset);
        file.Sync();
        lock (_gate)
        {
            _wiped.AddRange(extents);
            _released.RemoveRange(0, extents.Count);
        }
    }

    /// <summary>Takes what is on the list no more for free.</summary>
    public void Reuse(IReadOnlyCollection<Extent> extents)
    {
        if (extents.Count == 0)
            return;
        lock (_gate)
        {
            foreach (var extent in extents)
                _free.Give(extent);
            _wiped.RemoveAll(extents.ToHashSet().Contains);
        }
    }

    public void Dispose() => file.Dispose();

    /// <summary>What the system still has of what it may have failed to write, it is to write anew.</summary>
    private void WriteAgain()
    {
        foreach (var place in _unsynced)
        {
            var block = new byte[BytesFor(place.Length)];
            if (TryRead(place) is null || !file.TryRead(block, place.Offset))
                throw new IOException("What was written to store/values before a sync failed is lost. Restart the service: its journal has it.");
            file.Write(block, place.Offset);
        }
        _mayBeLost = false;
    }

    private static long BlocksOf(long bytes) => (bytes + Block - 1) / Block * Block;
}
