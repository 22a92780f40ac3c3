namespace Appliance.Server.Storage.Pages;

/// <summary>
/// What LiteDB sees of a page file: whole, aligned pages of 8 KiB. Anything else it might ask for is refused, so
/// that a change in its habits is found at once.
/// </summary>
internal abstract class PageStream : Stream
{
    public const int PageLength = 8192;
    public const int FrameLength = PageLength + FrameSealer.Overhead;

    public sealed override bool CanRead => true;

    public sealed override bool CanSeek => true;

    public sealed override bool CanWrite => true;

    public sealed override long Position { get; set; }

    public sealed override int Read(byte[] buffer, int offset, int count)
    {
        var page = PageAt(Position, count);
        ReadPage(page, buffer.AsSpan(offset, count));
        Position += count;
        return count;
    }

    public sealed override void Write(byte[] buffer, int offset, int count)
    {
        var page = PageAt(Position, count);
        WritePage(page, buffer.AsSpan(offset, count));
        Position += count;
    }

    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    protected abstract void ReadPage(uint page, Span<byte> plaintext);

    protected abstract void WritePage(uint page, ReadOnlySpan<byte> plaintext);

    private static uint PageAt(long position, int count) =>
        count == PageLength && position % PageLength == 0
            ? checked((uint)(position / PageLength))
            : throw new NotSupportedException($"The store reads and writes whole pages, not {count} bytes at {position}.");
}
