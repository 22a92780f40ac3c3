using System.Buffers;
using System.Security.Cryptography;

namespace Appliance.Mail.Smtp;

/// <summary>
/// A message in pooled memory. Disposing clears every byte and gives the memory back to the pool and to the budget;
/// whoever still holds <see cref="Content"/> then reads another message.
/// </summary>
/// <param name="network">Of the client that sends it, which may have a share of the budget; null: as much as there is.</param>
public sealed class MessageBuffer(MessageBudget budget, string? network = null) : IDisposable
{
    // Most messages fit in the first; none of them reaches the large object heap.
    private const int FirstSegmentBytes = 16_384;
    private const int SegmentBytes = 65_536;

    private Segment? _first;
    private Segment? _last;
    private long _taken;

    public long Length { get; private set; }

    /// <summary>The exact octets, dots unstuffed.</summary>
    public ReadOnlySequence<byte> Content =>
        _first is null ? ReadOnlySequence<byte>.Empty : new(_first, 0, _last!, _last!.Memory.Length);

    /// <summary>False when the budget is spent; the buffer is then incomplete and only good to dispose.</summary>
    internal bool TryAppend(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            if ((_last is null || _last.IsFull) && !TryGrow())
                return false;
            var count = _last!.Append(octets);
            Length += count;
            octets = octets[count..];
        }
        return true;
    }

    public void Dispose()
    {
        for (var segment = _first; segment is not null; segment = (Segment?)segment.Next)
            segment.Release();
        budget.Give(_taken, network);
        _first = _last = null;
        _taken = Length = 0;
    }

    private bool TryGrow()
    {
        var size = _first is null ? FirstSegmentBytes : SegmentBytes;
        if (!budget.TryTake(size, network, _taken))
            return false;
        _taken += size;
        _last = new Segment(size, _last);
        _first ??= _last;
        return true;
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        private readonly byte[] _array;

        public Segment(int size, Segment? previous)
        {
            _array = ArrayPool<byte>.Shared.Rent(size);
            if (previous is null)
                return;
            RunningIndex = previous.RunningIndex + previous.Memory.Length;
            previous.Next = this;
        }

        public bool IsFull => Memory.Length == _array.Length;

        public int Append(ReadOnlySpan<byte> octets)
        {
            var count = Math.Min(octets.Length, _array.Length - Memory.Length);
            octets[..count].CopyTo(_array.AsSpan(Memory.Length));
            Memory = _array.AsMemory(0, Memory.Length + count);
            return count;
        }

        public void Release()
        {
            CryptographicOperations.ZeroMemory(_array.AsSpan(0, Memory.Length));
            ArrayPool<byte>.Shared.Return(_array);
        }
    }
}
