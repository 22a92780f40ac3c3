namespace Appliance.Server.Storage.LiteDb;

internal static class Limits
{
    public const int KeyBytes = 255;
    public const int RowBytes = 1 << 20;
    public const int Rows = 1000;
}

/// <summary>A range as the engine orders it: of keys, or of index entries.</summary>
internal readonly record struct Bounds(byte[] From, byte[] To, string? Index)
{
    public static Bounds Of<T>(Collection<T> collection, byte[] from, byte[] to, int limit, string? index) where T : class
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, Limits.Rows);
        if (index is null)
            return new Bounds(from, to, null);
        return collection.IndexNames.Contains(index)
            ? new Bounds(IndexEntry.First(from), IndexEntry.Last(to), index)
            : throw new ArgumentException($"{collection.Name} has no index {index}.", nameof(index));
    }

    public bool Contain(byte[] order) =>
        BytesComparer.Instance.Compare(From, order) <= 0 && BytesComparer.Instance.Compare(order, To) <= 0;
}
