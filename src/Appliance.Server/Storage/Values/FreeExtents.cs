namespace Appliance.Server.Storage.Values;

/// <summary>The stretches of a file that nothing needs. What is taken comes from the smallest that is large enough, else from behind the end.</summary>
internal sealed class FreeExtents
{
    private readonly Dictionary<long, long> _lengths = []; // by offset
    private readonly Dictionary<long, long> _offsets = []; // by end
    private readonly SortedSet<(long Length, long Offset)> _bySize = [];

    /// <param name="end">Where the file ends; all of it is needed.</param>
    public FreeExtents(long end) => End = end;

    /// <summary>Nothing behind it is needed or free.</summary>
    public long End { get; private set; }

    public long Take(long length)
    {
        foreach (var (found, offset) in _bySize.GetViewBetween((length, 0), (long.MaxValue, 0)))
        {
            Remove(offset, found);
            if (found > length)
                Insert(offset + length, found - length);
            return offset;
        }
        End += length;
        return End - length;
    }

    public void Give(Extent extent)
    {
        var (offset, length) = (extent.Offset, extent.Length);
        if (_offsets.TryGetValue(offset, out var before))
        {
            length += _lengths[before];
            offset = before;
            Remove(before, extent.Offset - before);
        }
        if (_lengths.TryGetValue(extent.End, out var after))
        {
            length += after;
            Remove(extent.End, after);
        }
        Insert(offset, length);
    }

    private void Insert(long offset, long length)
    {
        _lengths.Add(offset, length);
        _offsets.Add(offset + length, offset);
        _bySize.Add((length, offset));
    }

    private void Remove(long offset, long length)
    {
        _lengths.Remove(offset);
        _offsets.Remove(offset + length);
        _bySize.Remove((length, offset));
    }
}
