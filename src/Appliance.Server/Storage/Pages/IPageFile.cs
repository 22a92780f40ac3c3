namespace Appliance.Server.Storage.Pages;

/// <summary>One file of the store as the page streams see it: positioned reads and writes, and an explicit sync.</summary>
internal interface IPageFile : IDisposable
{
    long Length { get; }

    /// <summary>Fills <paramref name="buffer"/>, or as much of it as there is before the end of the file.</summary>
    int Read(Span<byte> buffer, long offset);

    void Write(ReadOnlySpan<byte> bytes, long offset);

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
