namespace Appliance.Contracts;

/// <summary>GET /api/account: all a client needs to unlock itself, once signed in.</summary>
/// <param name="Slots">The account's slots with their wraps; verifiers are never sent.</param>
public sealed record AccountResponse(
    string AccountId,
    string Address,
    bool IsOperator,
    IReadOnlyList<SlotResponse> Slots,
    UserKeyResponse UserKey,
    IReadOnlyList<MailboxResponse> Mailboxes);

public sealed record SlotResponse(string SlotId, string Kind, KdfSettings Kdf, byte[] Wrap);

public sealed record UserKeyResponse(string Fingerprint, byte[] PublicKey, byte[] LockedKey, byte[] WrappedPassphrase);

/// <param name="StoreEpoch">With <paramref name="HighestModSeq"/> the mailbox's cursor; another epoch means: sync anew.</param>
/// <param name="MailboxKey">The mailbox key sealed to the user key.</param>
public sealed record MailboxResponse(
    string MailboxId,
    string StoreEpoch,
    long HighestModSeq,
    byte[] MailboxKey,
    IReadOnlyList<AddressResponse> Addresses,
    IReadOnlyList<FolderResponse> Folders);

public sealed record AddressResponse(string Address, IReadOnlyList<AddressKeyResponse> Keys);

/// <param name="State"><c>encrypt</c>, <c>decrypt-only</c> or <c>compromised</c>.</param>
public sealed record AddressKeyResponse(string Fingerprint, string State, byte[] PublicKey, byte[] LockedKey, byte[] SealedPassphrase);

/// <param name="Role"><c>inbox</c>, <c>archive</c>, <c>drafts</c>, <c>sent</c>, <c>junk</c> or <c>trash</c>.</param>
public sealed record FolderResponse(string FolderId, string Role, uint UidValidity, uint UidNext, long Total, long Unread);
