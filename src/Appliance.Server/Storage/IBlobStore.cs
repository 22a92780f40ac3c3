using Appliance.Crypto.Formats;

namespace Appliance.Server.Storage;

/// <summary>Immutable encrypted files: each under its own random key, chunked AES-256-GCM. Orphans are swept at start.</summary>
public interface IBlobStore
{
    /// <summary>
    /// Writes a blob and syncs the file and its directory before it returns.
    /// The blob exists for the store once a committed row holds the returned reference.
    /// </summary>
    /// <param name="length">How many bytes it has.</param>
    /// <param name="write">Is called once, on a thread of the pool, and gives what it was given those bytes piece by piece.</param>
    /// <param name="cancellationToken">Until it begins.</param>
    /// <exception cref="StoreFailedException">The blob could not be written or synced.</exception>
    /// <exception cref="InvalidOperationException">There were fewer bytes than it has, or more.</exception>
    Task<BlobReference> WriteAsync(long length, Action<Action<ReadOnlySpan<byte>>> write, CancellationToken cancellationToken = default);

    /// <summary>Reads <paramref name="length"/> plaintext bytes from <paramref name="offset"/>; every chunk touched is verified.</summary>
    /// <exception cref="StoreDamagedException">A chunk is missing or was changed.</exception>
    Task<byte[]> ReadAsync(BlobReference blob, long offset, int length, CancellationToken cancellationToken = default);

    /// <summary>Removes the file; call it after the commit that dropped the last reference.</summary>
    Task DeleteAsync(BlobReference blob, CancellationToken cancellationToken = default);
}

/// <summary>What a row keeps of a blob: its id, its random 32-byte key and its plaintext length in bytes.</summary>
public sealed record BlobReference(ObjectId Id, byte[] Key, long Length);

/// <summary>Stored bytes are not what was written; the message says which file and what to do.</summary>
public sealed class StoreDamagedException(string message, Exception? inner = null) : Exception(message, inner);
