using System.Buffers;

namespace Appliance.Mail.Arrivals;

/// <summary>Octets that lie in several places, as one sequence, without copying them.</summary>
public static class Pieces
{
    public static ReadOnlySequence<byte> Join(IEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        Piece? first = null, last = null;
        foreach (var memory in pieces)
        {
            if (memory.IsEmpty)
                continue;
            last = new Piece(memory, last);
            first ??= last;
        }
        return first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is null)
                return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
