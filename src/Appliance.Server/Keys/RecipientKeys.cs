using System.Collections.Concurrent;
using Appliance.Crypto.Keys;
using Appliance.Server.Storage;

namespace Appliance.Server.Keys;

/// <summary>
/// Finds the key that new mail to an address is sealed to. Parsing and checking a key costs more than sealing to it, so
/// checked keys are remembered; expiry is looked at every time.
/// </summary>
public sealed class RecipientKeys(TimeProvider time)
{
    private const int MostRemembered = 10_000;
    private readonly ConcurrentDictionary<string, RecipientKey> _checked = new();

    /// <summary>The address's key, or null when it has none that may be used now.</summary>
    public RecipientKey? Find(AddressRow address)
    {
        var now = time.GetUtcNow();
        foreach (var stored in address.Keys)
        {
            if (stored.State != AddressKeyState.Encrypt || now < stored.From || now > stored.To)
                continue;
            if (!_checked.TryGetValue(stored.Fingerprint, out var key))
            {
                key = RecipientKey.Read(stored.PublicKey, now).Key;
                if (key is null)
                    continue;
                if (_checked.Count >= MostRemembered)
                    _checked.Clear();
                _checked[stored.Fingerprint] = key;
            }
            if (key.IsUsableAt(now))
                return key;
        }
        return null;
    }
}

public static class AddressStore
{
    public static AddressRow? FindAddress(this IStoreReader store, string address) => store.Get(AddressRow.All, Key.Of(address));
}
