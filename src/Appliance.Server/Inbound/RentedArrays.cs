using System.Buffers;

namespace Appliance.Server.Inbound;

/// <summary>Arrays that one message takes and all give back together, so that the collector has less to do.</summary>
internal sealed class RentedArrays : IDisposable
{
    private const int Longest = 64 * 1024; // few messages have longer ones, and the pool would keep them
    private readonly List<byte[]> _arrays = [];

    /// <summary>An array of <paramref name="length"/> bytes or more; what is in it is unknown.</summary>
    public byte[] Rent(int length)
    {
        if (length > Longest)
            return GC.AllocateUninitializedArray<byte>(length);
        _arrays.Add(ArrayPool<byte>.Shared.Rent(length));
        return _arrays[^1];
    }

    public void Dispose()
    {
        foreach (var array in _arrays)
            ArrayPool<byte>.Shared.Return(array);
        _arrays.Clear();
    }
}
