namespace Appliance.Server.Storage.LiteDb;

/// <summary>Equality and <c>memcmp</c> order of byte strings.</summary>
internal sealed class BytesComparer : IEqualityComparer<byte[]>, IComparer<byte[]>
{
    public static readonly BytesComparer Instance = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] bytes)
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }

    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
}
