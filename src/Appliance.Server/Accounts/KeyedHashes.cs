using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Appliance.Crypto.Formats;
using Appliance.Server.Storage;

namespace Appliance.Server.Accounts;

/// <summary>
/// Names what must be found again and must not be readable (a correspondent's address, a sender) by the first 16 bytes of an HMAC-SHA-256 under a secret of the server's. Whoever
/// has the store's key can still try addresses out; whoever has not, cannot.
/// </summary>
public sealed class KeyedHashes(IStore store)
{
    // Setting the key up takes OpenSSL ten times as long as a hash does, and one that is set up is not for two threads at once.
    private readonly ConcurrentBag<IncrementalHash> _idle = [];
    private byte[]? _key;

    /// <param name="purpose">So that the same text in two places is two hashes.</param>
    public async ValueTask<ObjectId> OfAsync(string purpose, string text, CancellationToken cancellationToken)
    {
        _key ??= await store.SecretAsync("keyed-hashes", cancellationToken);
        return Hash(_key, Encoding.UTF8.GetBytes($"{purpose}\0{text}"));
    }

    private ObjectId Hash(byte[] key, byte[] text)
    {
        var hmac = _idle.TryTake(out var idle) ? idle : IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(text);
        var hash = ObjectId.FromBytes(hmac.GetHashAndReset().AsSpan(0, ObjectId.ByteLength));
        _idle.Add(hmac);
        return hash;
    }
}
