namespace Appliance.Server.Storage;

/// <summary>
/// The seam every feature stores through, and every engine implements: ordered collections of rows with
/// declared indexes, atomic writes, and blobs. Keys and index values are bytes in <c>memcmp</c> order
/// (see <see cref="Key"/>); rows are opaque to the engine.
/// </summary>
public interface IStore : IStoreReader
{
    /// <summary>
    /// Runs <paramref name="work"/> as one atomic write and returns its result once the write is durable: synced,
    /// directory entries included. Works run one at a time, in order, several to a group; a work sees what earlier
    /// works and it itself wrote. If it throws, nothing of it is kept and the exception reaches the caller.
    /// <paramref name="work"/> must be short, must not block and must not keep the transaction; it may be run again when the group it
    /// was in failed, so it changes nothing but the store.
    /// </summary>
    /// <exception cref="StoreFailedException">The write could not be made durable; nothing was acknowledged.</exception>
    Task<T> WriteAsync<T>(Func<IStoreTransaction, T> work, CancellationToken cancellationToken = default);

    /// <summary>
    /// Whether so many bytes may be added: false when the disk would fall below its reserve, which is kept for what frees room. Ask
    /// before taking mail; other writes need not.
    /// </summary>
    bool HasRoomFor(long bytes);

    /// <summary>Once this returns, nothing that was deleted before is in any of the store's own files. Blobs are deleted by themselves.</summary>
    /// <exception cref="StoreFailedException">It could not be done: nothing is lost, and what was deleted may still be in the files.</exception>
    Task CheckpointAsync();

    /// <summary>Large, immutable, encrypted values outside the engine's pages.</summary>
    IBlobStore Blobs { get; }
}

/// <summary>Reads of committed rows (or, inside a write, of the write's own view).</summary>
public interface IStoreReader
{
    T? Get<T>(Collection<T> collection, ReadOnlySpan<byte> key) where T : class;

    /// <summary>
    /// The rows whose key (or value of <paramref name="index"/>) lies between <paramref name="from"/> and
    /// <paramref name="to"/>, both inclusive, in that order; at most <paramref name="limit"/> (1 to 1,000) rows,
    /// materialised: no cursor outlives the call.
    /// </summary>
    IReadOnlyList<T> Range<T>(Collection<T> collection, byte[] from, byte[] to, int limit, bool descending = false, string? index = null)
        where T : class;
}

public interface IStoreTransaction : IStoreReader
{
    /// <summary>Inserts or replaces.</summary>
    void Put<T>(Collection<T> collection, T row) where T : class;

    /// <summary>
    /// Inserts a row whose key nothing has yet, as a fresh random id is: ranges over it are cheaper than after <see cref="Put"/> until the engine has it. Where there
    /// is one after all, it is replaced.
    /// </summary>
    void Add<T>(Collection<T> collection, T row) where T : class;

    /// <summary>Deletes; a key that is not there is no error.</summary>
    void Delete<T>(Collection<T> collection, ReadOnlySpan<byte> key) where T : class;
}

/// <summary>A write did not become durable. It may be tried again: the store recovers by itself as soon as it can.</summary>
public sealed class StoreFailedException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The disk is full or failing, and not what was to be written at fault.</summary>
    public bool IsOfDisk => InnerException is IOException or UnauthorizedAccessException;

    internal static StoreFailedException Of(Exception error) =>
        new($"The store could not write: {error.Message} Free the disk or repair it; the service needs no restart.", error);
}
