namespace Appliance.Contracts;

/// <summary>POST /api/activation/lookup: what a set-up or invitation link is for. The token is the link's fragment.</summary>
public sealed record ActivationLookupRequest(string Token);

/// <summary>
/// <paramref name="Kind"/> is <c>setup</c> or <c>invitation</c>. The ids are chosen by the server now, because key
/// derivation binds them. <paramref name="Domain"/> and <paramref name="Address"/> are null when the person chooses
/// them (set-up without a command line).
/// </summary>
public sealed record ActivationLookupResponse(
    string Kind,
    string? Domain,
    string? Address,
    string AccountId,
    string MailboxId,
    DateTimeOffset ExpiresAt);

/// <summary>POST /api/activation/complete: the account as the client made it. Signs in when it succeeds.</summary>
/// <param name="Token">The link's token.</param>
/// <param name="Domain">Set-up only: the domain to host.</param>
/// <param name="Address">Set-up only when the look-up gave none; otherwise it must equal the look-up's.</param>
/// <param name="Slots">One <c>password</c> and one <c>phrase</c> slot, each with verifier and wrap.</param>
/// <param name="UserKey">The account's own key, locked.</param>
/// <param name="AddressKey">The address's key, locked.</param>
/// <param name="MailboxKey">The mailbox key, sealed to the user key.</param>
public sealed record ActivationRequest(
    string Token,
    string Domain,
    string Address,
    IReadOnlyList<NewSlot> Slots,
    NewUserKey UserKey,
    NewAddressKey AddressKey,
    byte[] MailboxKey);

/// <summary>A key slot as made by a client (docs/formats.md, "Key slots").</summary>
/// <param name="Kind"><c>password</c> or <c>phrase</c>.</param>
/// <param name="Verifier">SRP verifier, lower-case hexadecimal.</param>
/// <param name="Wrap">The wrapped master key, 61 bytes.</param>
public sealed record NewSlot(string SlotId, string Kind, KdfSettings Kdf, string Verifier, byte[] Wrap);

/// <summary>Argon2id parameters and salt (16 bytes); memory in KiB.</summary>
public sealed record KdfSettings(string Name, uint MemoryKiB, uint Passes, uint Lanes, byte[] Salt);

/// <param name="PublicKey">Binary transferable public key.</param>
/// <param name="LockedKey">Binary transferable secret key under its random passphrase.</param>
/// <param name="WrappedPassphrase">That passphrase wrapped by the master key, 93 bytes.</param>
public sealed record NewUserKey(byte[] PublicKey, byte[] LockedKey, byte[] WrappedPassphrase);

/// <param name="SealedPassphrase">An OpenPGP message to the user key, signed by it.</param>
public sealed record NewAddressKey(byte[] PublicKey, byte[] LockedKey, byte[] SealedPassphrase);
