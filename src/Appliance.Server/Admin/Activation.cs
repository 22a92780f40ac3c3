using Appliance.Contracts;
using Appliance.Crypto.Keys;
using Appliance.Mail.Addresses;
using Appliance.Server.Accounts;
using Appliance.Server.Domains;
using Appliance.Server.Keys;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;

namespace Appliance.Server.Admin;

/// <summary>How an activation ended: a session token, or a problem for the client.</summary>
public readonly record struct ActivationOutcome(string? SessionToken, ActivationProblem? Problem);

public sealed record ActivationProblem(int Status, string Code, string Message);

/// <summary>
/// Turns a link and the keys a client made into an account, a mailbox and, at set-up, a hosted domain: all in one write. Refuses
/// whatever is not shaped like what it should be, above all a private key that is not locked.
/// </summary>
public sealed class Activation(IStore store, Sessions sessions, TimeProvider time)
{
    private static readonly ActivationProblem UnknownLink = new(
        StatusCodes.Status404NotFound, "link-unknown", "This link is not known here: it was used, has expired, or was replaced by a newer one.");

    public LinkRow? Find(string token) =>
        SecretToken.HashOf(token) is { } hash && store.Get(LinkRow.All, hash) is { } link && link.ExpiresAt > time.GetUtcNow() ? link : null;

    public async Task<ActivationOutcome> CompleteAsync(ActivationRequest request, CancellationToken cancellationToken)
    {
        if (Find(request.Token) is not { } link)
            return Problem(UnknownLink);
        if (!Mailbox.TryParse(request.Address, out var address))
            return Invalid("The address is not an e-mail address.");
        if (!MailDomain.TryParse(request.Domain, out var domain) || domain.Literal is not null || domain != address.Domain)
            return Invalid("The address is not in the domain.");
        if (link.Address is { } expected && expected != address.Key)
            return Invalid("The link is for another address.");
        if (RoleAddresses.IsRole(address))
            return Invalid($"{address.LocalPart} is a role address: its mail reaches the operator anyway. Choose another one.");

        var now = time.GetUtcNow();
        var userKey = RecipientKey.Read(request.UserKey.PublicKey, now);
        var addressKey = RecipientKey.Read(request.AddressKey.PublicKey, now);
        if (ActivationShape.WhatIsWrongWith(request, userKey, addressKey) is { } wrong)
            return Invalid(wrong);

        return await store.WriteAsync(
            transaction =>
            {
                // Looked at again inside the write: of two clients with one link, one wins.
                if (transaction.Get(LinkRow.All, link.TokenHash) is null)
                    return Problem(UnknownLink);
                if (link.Kind == LinkKind.Setup && transaction.AnyDomain())
                    return Problem(UnknownLink);
                if (transaction.FindAddress(address.Key) is { Keys.Count: > 0 })
                    return Problem(new ActivationProblem(StatusCodes.Status409Conflict, "address-taken", "This address has a member already."));

                if (link.Kind == LinkKind.Setup)
                    transaction.Put(DomainRow.All, new DomainRow { Name = domain.Ascii, AddedAt = now });
                transaction.Delete(LinkRow.All, link.TokenHash);
                AddAccount(transaction, link, address.Key, request, userKey.Key!, now);
                transaction.AddMailbox(link.MailboxId, link.AccountId, request.MailboxKey, now);
                AddAddress(transaction, link, address.Key, request.AddressKey, addressKey.Key!, now);
                return new ActivationOutcome(sessions.Begin(transaction, link.AccountId), null);
            },
            cancellationToken);
    }

    private static void AddAccount(
        IStoreTransaction transaction, LinkRow link, string address, ActivationRequest request, RecipientKey userKey, DateTimeOffset now)
    {
        transaction.Put(AccountRow.All, new AccountRow
        {
            Id = link.AccountId,
            Address = address,
            IsOperator = link.Kind == LinkKind.Setup,
            CreatedAt = now,
        });
        foreach (var slot in request.Slots)
            transaction.Put(SlotRow.All, slot.ToRow(link.AccountId));
        transaction.Put(UserKeyRow.All, new UserKeyRow
        {
            AccountId = link.AccountId,
            Fingerprint = userKey.Fingerprint,
            PublicKey = request.UserKey.PublicKey,
            LockedKey = request.UserKey.LockedKey,
            WrappedPassphrase = request.UserKey.WrappedPassphrase,
        });
    }

    private static void AddAddress(
        IStoreTransaction transaction, LinkRow link, string address, NewAddressKey key, RecipientKey checkedKey, DateTimeOffset now) =>
        transaction.Put(AddressRow.All, new AddressRow
        {
            Address = address,
            MailboxId = link.MailboxId,
            Keys =
            [
                new StoredAddressKey
                {
                    Fingerprint = checkedKey.Fingerprint,
                    State = AddressKeyState.Encrypt,
                    From = now,
                    PublicKey = key.PublicKey,
                    LockedKey = key.LockedKey,
                    SealedPassphrase = key.SealedPassphrase,
                },
            ],
        });

    private static ActivationOutcome Problem(ActivationProblem problem) => new(null, problem);

    private static ActivationOutcome Invalid(string message) =>
        Problem(new ActivationProblem(StatusCodes.Status422UnprocessableEntity, "invalid", message));
}
