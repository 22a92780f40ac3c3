using Appliance.Client.Keys;
using Appliance.Contracts;
using Appliance.Crypto.Formats;

namespace Appliance.Client.Sessions;

/// <summary>A member's account with its address keys at hand: what the server says about it, and the keys that open it.</summary>
public sealed class MemberAccount
{
    private readonly UnlockedAccount _user;
    private readonly Dictionary<string, UnlockedKey> _keys;

    private MemberAccount(AccountResponse account, UnlockedAccount user, Dictionary<string, UnlockedKey> keys) =>
        (Account, _user, _keys) = (account, user, keys);

    public AccountResponse Account { get; }

    /// <exception cref="FormatException">The server's keys do not belong together.</exception>
    /// <exception cref="Opening.SealBrokenException">A key's passphrase is damaged or was not sealed by this account.</exception>
    public static MemberAccount Unlock(AccountResponse account, MasterKey master)
    {
        if (!ObjectId.TryParse(account.AccountId, out var id))
            throw new FormatException("The server's account is malformed. Check that both programs are up to date.");
        var user = UnlockedAccount.Unlock(
            master, AccountId.From(id), account.UserKey.Fingerprint, account.UserKey.LockedKey, account.UserKey.WrappedPassphrase);
        var keys = new Dictionary<string, UnlockedKey>(StringComparer.Ordinal);
        foreach (var offered in AddressKeys(account))
        {
            var key = user.UnlockAddressKey(offered.LockedKey, offered.SealedPassphrase);
            if (key.Fingerprint != offered.Fingerprint)
                throw new FormatException($"The server sent another key than {offered.Fingerprint}. Ask its operator.");
            keys[key.Fingerprint] = key;
        }
        return new MemberAccount(account, user, keys);
    }

    /// <exception cref="FormatException">None of the account's keys has this fingerprint.</exception>
    public UnlockedKey Key(string fingerprint) => _keys.GetValueOrDefault(fingerprint)
        ?? throw new FormatException($"The account has no key {fingerprint}.");

    /// <summary>Every address key as a binary transferable secret key, locked by <paramref name="passphrase"/>.</summary>
    public IEnumerable<byte[]> ExportAddressKeys(string passphrase) =>
        AddressKeys(Account).Select(key => _user.ExportAddressKey(key.LockedKey, key.SealedPassphrase, passphrase));

    private static IEnumerable<AddressKeyResponse> AddressKeys(AccountResponse account) =>
        account.Mailboxes.SelectMany(mailbox => mailbox.Addresses).SelectMany(address => address.Keys);
}
