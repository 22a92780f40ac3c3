using System.Buffers;

namespace Appliance.Server.Inbound;

/// <summary>Arrays that one message takes and all give back together, so that the collector has less to do: it goes through all generations for a few large ones.</summary>
internal sealed class RentedArrays : IDisposable
{
    private const int Small = 64 * 1024;
    private const int Longest = 2 * 1024 * 1024; // few messages have longer ones, and the pool would keep them
    private const int KeptOfEachLength = 4; // 16 MB when all are there
    private static readonly ArrayPool<byte> Large = ArrayPool<byte>.Create(Longest, KeptOfEachLength);
    private readonly List<byte[]> _arrays = [];

    /// <summary>An array of <paramref name="length"/> bytes or more; what is in it is unknown.</summary>
    public byte[] Rent(int length)
    {
        if (length > Longest)
            return GC.AllocateUninitializedArray<byte>(length);
        _arrays.Add(PoolOf(length).Rent(length));
        return _arrays[^1];
    }

    public void Dispose()
    {
        foreach (var array in _arrays)
            PoolOf(array.Length).Return(array);
        _arrays.Clear();
    }

    private static ArrayPool<byte> PoolOf(int length) => length <= Small ? ArrayPool<byte>.Shared : Large;
}
