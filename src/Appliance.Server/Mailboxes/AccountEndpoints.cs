using Appliance.Contracts;
using Appliance.Server.Accounts;
using Appliance.Server.Keys;
using Appliance.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Mailboxes;

/// <summary>What a client needs to unlock itself; it stands here because it spans account, keys and mailboxes.</summary>
internal static class AccountEndpoints
{
    public static void MapAccount(this IEndpointRouteBuilder api) =>
        api.MapGet("/account", Find).RequireAuthorization().WithTags("Account");

    private static Results<Ok<AccountResponse>, ProblemHttpResult> Find(HttpContext http, IStore store)
    {
        var id = http.User.AccountId();
        if (store.FindAccount(id) is not { } account || store.Get(UserKeyRow.All, Key.Of(id.Value)) is not { } userKey)
            return Problems.NotFound;
        return TypedResults.Ok(new AccountResponse(
            account.Id.ToString(),
            account.Address,
            account.IsOperator,
            [.. store.SlotsOf(id).Select(slot => new SlotResponse(slot.Id.ToString(), Names.Of(slot.Kind), slot.Kdf.ToSettings(), slot.Wrap))],
            new UserKeyResponse(userKey.Fingerprint, userKey.PublicKey, userKey.LockedKey, userKey.WrappedPassphrase),
            [.. store.MailboxesOf(id).Select(member => Describe(store, member))]));
    }

    private static MailboxResponse Describe(IStoreReader store, MailboxMemberRow member)
    {
        var mailbox = store.Get(MailboxRow.All, Key.Of(member.MailboxId.Value))!;
        var prefix = Key.Of(mailbox.Id.Value);
        var addresses = store.Range(AddressRow.All, prefix, prefix, limit: 1000, index: "mailbox");
        return new MailboxResponse(
            mailbox.Id.ToString(),
            mailbox.StoreEpoch.ToString(),
            mailbox.HighestModSeq,
            member.MailboxKey,
            [.. addresses.Select(address => new AddressResponse(address.Address, [.. address.Keys.Select(Describe)]))],
            [.. store.FoldersOf(mailbox.Id).OrderBy(folder => folder.Role).Select(folder => folder.ToResponse())]);
    }

    private static AddressKeyResponse Describe(StoredAddressKey key) => new(
        key.Fingerprint,
        key.State switch { AddressKeyState.Encrypt => "encrypt", AddressKeyState.DecryptOnly => "decrypt-only", _ => "compromised" },
        key.PublicKey,
        key.LockedKey,
        key.SealedPassphrase);
}
