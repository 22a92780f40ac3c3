namespace Appliance.Server.Tests.Storage.Simulation;

/// <summary>A file's content that never changes, so that every moment of a disk can be kept: a change shares what it leaves alone.</summary>
internal sealed class Bytes
{
    public static readonly Bytes Empty = new([], 0);
    private const int BlockLength = 4096;
    private readonly byte[][] _blocks;

    private Bytes(byte[][] blocks, int length) => (_blocks, Length) = (blocks, length);

    public int Length { get; }

    public int Read(Span<byte> buffer, long offset)
    {
        var length = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        for (var done = 0; done < length;)
        {
            var (block, from) = Math.DivRem((int)offset + done, BlockLength);
            var taken = Math.Min(length - done, BlockLength - from);
            _blocks[block].AsSpan(from, taken).CopyTo(buffer[done..]);
            done += taken;
        }
        return length;
    }

    public Bytes Write(ReadOnlySpan<byte> bytes, int offset)
    {
        if (bytes.IsEmpty)
            return this;
        var blocks = Resized(Math.Max(Length, offset + bytes.Length));
        for (var done = 0; done < bytes.Length;)
        {
            var (block, from) = Math.DivRem(offset + done, BlockLength);
            var taken = Math.Min(bytes.Length - done, BlockLength - from);
            blocks[block] = [.. blocks[block]];
            bytes.Slice(done, taken).CopyTo(blocks[block].AsSpan(from));
            done += taken;
        }
        return new(blocks, Math.Max(Length, offset + bytes.Length));
    }

    public Bytes Resize(int length)
    {
        var blocks = Resized(length);
        var used = length % BlockLength;
        if (length < Length && used > 0)
        {
            blocks[^1] = [.. blocks[^1]];
            blocks[^1].AsSpan(used).Clear();
        }
        return new(blocks, length);
    }

    public byte[] ToArray()
    {
        var all = new byte[Length];
        Read(all, 0);
        return all;
    }

    private byte[][] Resized(int length)
    {
        var blocks = new byte[(length + BlockLength - 1) / BlockLength][];
        var kept = Math.Min(blocks.Length, _blocks.Length);
        _blocks.AsSpan(0, kept).CopyTo(blocks);
        for (var i = kept; i < blocks.Length; i++)
            blocks[i] = new byte[BlockLength];
        return blocks;
    }
}
