namespace Appliance.Server.Storage.Pages;

/// <summary>One file of the store as the page streams see it: positioned reads and writes, and an explicit sync.</summary>
internal interface IPageFile : IDisposable
{
    /// <summary>Bytes of a page of memory, or a multiple of them, and of a disk's sectors.</summary>
    const int PageLength = 4096;

    long Length { get; }

    /// <summary>Fills <paramref name="buffer"/>, or as much of it as there is before the end of the file.</summary>
    int Read(Span<byte> buffer, long offset);

    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Writes what will not be read again soon: if it is long, past the system's cache where that can be.</summary>
    /// <param name="pages">Whole pages, from the beginning of one on.</param>
    /// <param name="offset">A multiple of <see cref="PageLength"/>.</param>
    void WritePages(ReadOnlySpan<byte> pages, long offset) => Write(pages, offset);

    void SetLength(long length);

    /// <summary>Returns once everything written is on the medium.</summary>
    void Sync();
}

internal static class PageFileReading
{
    /// <summary>Reads a whole frame; false when the file or the medium does not give all of it back.</summary>
    public static bool TryRead(this IPageFile file, Span<byte> frame, long offset)
    {
        try
        {
            return file.Read(frame, offset) == frame.Length;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
