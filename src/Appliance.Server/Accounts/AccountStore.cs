using System.Security.Cryptography;
using Appliance.Crypto.Formats;
using Appliance.Server.Storage;

namespace Appliance.Server.Accounts;

/// <summary>Reads and writes of accounts, slots and the server's own secrets.</summary>
public static class AccountStore
{
    public static AccountRow? FindAccount(this IStoreReader store, string address) =>
        store.Range(AccountRow.All, Key.Of(address), Key.Of(address), limit: 1, index: "address") is [var account] ? account : null;

    public static AccountRow? FindAccount(this IStoreReader store, AccountId id) => store.Get(AccountRow.All, Key.Of(id.Value));

    /// <summary>The account made at set-up.</summary>
    public static AccountRow? FindOperator(this IStoreReader store) =>
        store.Range(AccountRow.All, [1], [1], limit: 1, index: "operator") is [var account] ? account : null;

    public static IReadOnlyList<SlotRow> SlotsOf(this IStoreReader store, AccountId id) =>
        store.Range(SlotRow.All, Key.Of(id.Value), Key.LastOf(id.Value), limit: 100);

    /// <summary>The 32-byte secret of this name, the same for the life of the store.</summary>
    public static Task<byte[]> SecretAsync(this IStore store, string name, CancellationToken cancellationToken) =>
        store.Get(ServerSecretRow.All, Key.Of(name)) is { } row
            ? Task.FromResult(row.Value)
            : store.WriteAsync(
                transaction =>
                {
                    if (transaction.Get(ServerSecretRow.All, Key.Of(name)) is { } existing)
                        return existing.Value;
                    var secret = new ServerSecretRow { Name = name, Value = RandomNumberGenerator.GetBytes(32) };
                    transaction.Put(ServerSecretRow.All, secret);
                    return secret.Value;
                },
                cancellationToken);
}
