using System.Buffers;
using System.Security.Cryptography;

namespace Appliance.Mail.Smtp;

/// <summary>
/// A message in pooled memory. Disposing clears every byte and gives the memory back to the pool and to the budget;
/// whoever still holds <see cref="Content"/> then reads another message. While it is not complete, others who need the memory may end it (<see cref="MessageBudget"/>).
/// </summary>
/// <param name="network">Of the client that sends it, which may have a share of the budget; null: as much as there is.</param>
public sealed class MessageBuffer(MessageBudget budget, string? network = null) : IDisposable
{
    // Most messages fit in the first; none of them reaches the large object heap.
    private const int FirstSegmentBytes = 16_384;
    private const int SegmentBytes = 65_536;
    private const int MostSpare = 256; // 16 MB

    // The shared pool keeps 32 for each processor: two messages of 1 MB have as many.
    private static readonly ArrayPool<byte> Spare = ArrayPool<byte>.Create(SegmentBytes, MostSpare);

    private enum State
    {
        Arriving,
        Complete,
        /// <summary>Its memory is given back.</summary>
        Ended,
    }

    private readonly Lock _gate = new();
    private readonly long _began = budget.Time.GetTimestamp();
    private Segment? _first;
    private Segment? _last;
    private State _state;

    public long Length { get; private set; }

    internal string? Network => network;

    /// <summary>Of the budget, in bytes.</summary>
    internal long Taken { get; private set; }

    /// <summary>Since its first octet was waited for.</summary>
    internal TimeSpan Age => budget.Time.GetElapsedTime(_began);

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
            lock (_gate)
            {
                if (_state == State.Ended)
                    return false;
                var count = _last!.Append(octets);
                Length += count;
                octets = octets[count..];
            }
        }
        return true;
    }

    /// <summary>No more is to come. False when the memory has gone to others; the buffer is then only good to dispose.</summary>
    internal bool TryComplete()
    {
        budget.Forget(this);
        lock (_gate)
        {
            if (_state == State.Arriving)
                _state = State.Complete;
            return _state == State.Complete;
        }
    }

    /// <summary>Gives the memory back for others to have; false when that is done, or the message is complete.</summary>
    internal bool TryEnd()
    {
        lock (_gate)
        {
            if (_state != State.Arriving)
                return false;
            Release();
        }
        budget.Forget(this);
        return true;
    }

    public void Dispose()
    {
        budget.Forget(this);
        lock (_gate)
            Release();
    }

    private void Release()
    {
        for (var segment = _first; segment is not null; segment = (Segment?)segment.Next)
            segment.Release();
        budget.Give(Taken, network);
        _first = _last = null;
        Taken = Length = 0;
        _state = State.Ended;
    }

    private bool TryGrow()
    {
        var size = _first is null ? FirstSegmentBytes : SegmentBytes;
        if (!budget.TryTake(size, this)) // not within the gate: it may end others, who may be about to end this one
            return false;
        lock (_gate)
        {
            if (_state == State.Ended)
            {
                budget.Give(size, network);
                return false;
            }
            Taken += size;
            _last = new Segment(size, _last);
            if (_first is null)
                _first = _last;
            else
                budget.Watch(this);
        }
        return true;
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        private readonly ArrayPool<byte> _pool;
        private readonly byte[] _array;

        public Segment(int size, Segment? previous)
        {
            _pool = size < SegmentBytes ? ArrayPool<byte>.Shared : Spare;
            _array = _pool.Rent(size);
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
            _pool.Return(_array);
        }
    }
}
