using Appliance.Client.Opening;
using Appliance.Crypto.Formats;

namespace Appliance.Client.Messages;

/// <summary>Puts removed fields back while a message streams by. Offsets count bytes as received.</summary>
internal sealed class ReceivedBytes(Stream destination, IReadOnlyList<RemovedBytes> removed)
{
    private long _position;
    private int _next;

    public async Task WriteAsync(ReadOnlyMemory<byte> kept, CancellationToken cancellation)
    {
        while (!kept.IsEmpty)
        {
            await PutBackAsync(cancellation);
            var length = (int)(_next < removed.Count ? Math.Min(kept.Length, removed[_next].Offset - _position) : kept.Length);
            await destination.WriteAsync(kept[..length], cancellation);
            _position += length;
            kept = kept[length..];
        }
    }

    /// <exception cref="SealBrokenException">The pieces do not add up to the size that was received.</exception>
    public async Task CompleteAsync(long size, CancellationToken cancellation)
    {
        await PutBackAsync(cancellation);
        if (_next < removed.Count || _position != size)
            throw new SealBrokenException("The removed fields do not fit the message.");
    }

    private async Task PutBackAsync(CancellationToken cancellation)
    {
        while (_next < removed.Count && removed[_next].Offset <= _position)
        {
            var piece = removed[_next++];
            if (piece.Offset < _position || piece.Bytes.Length == 0)
                throw new SealBrokenException("The removed fields do not fit the message.");
            await destination.WriteAsync(piece.Bytes, cancellation);
            _position += piece.Bytes.Length;
        }
    }
}
