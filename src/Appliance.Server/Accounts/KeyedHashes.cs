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
    private byte[]? _key;

    /// <param name="purpose">So that the same text in two places is two hashes.</param>
    public async ValueTask<ObjectId> OfAsync(string purpose, string text, CancellationToken cancellationToken)
    {
        _key ??= await store.SecretAsync("keyed-hashes", cancellationToken);
        return ObjectId.FromBytes(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{purpose}\0{text}")).AsSpan(0, ObjectId.ByteLength));
    }
}
