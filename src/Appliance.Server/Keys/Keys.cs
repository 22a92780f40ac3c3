using Appliance.Crypto.Formats;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;

namespace Appliance.Server.Keys;

/// <summary>The account's own OpenPGP key: other secrets of the account are sealed to it.</summary>
[Collection("userKey")]
public sealed record UserKeyRow
{
    public static readonly Collection<UserKeyRow> All = Collection.Of<UserKeyRow>(row => Key.Of(row.AccountId.Value));

    [Stored(Visibility.Clear, Retention.Account, "Whose key it is.")]
    public required AccountId AccountId { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "Names the key.")]
    public required string Fingerprint { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "The public half.")]
    public required byte[] PublicKey { get; init; }

    [Stored(Visibility.Sealed, Retention.Account, "The private half, under a random passphrase.")]
    public required byte[] LockedKey { get; init; }

    [Stored(Visibility.Sealed, Retention.Account, "That passphrase, wrapped by the master key.")]
    public required byte[] WrappedPassphrase { get; init; }
}

public enum AddressKeyState
{
    Encrypt = 1,
    DecryptOnly = 2,
    Compromised = 3,
}

/// <summary>An address, the mailbox it leads to, and its keys; the first in state <c>Encrypt</c> seals new mail.</summary>
[Collection("address")]
public sealed record AddressRow
{
    public static readonly Collection<AddressRow> All = Collection
        .Of<AddressRow>(row => Key.Of(row.Address))
        .Index("mailbox", row => Key.Of(row.MailboxId.Value))
        .Cached();

    [Stored(Visibility.Clear, Retention.Account, "Mail for it is accepted; normalised, local@domain.")]
    public required string Address { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "Where its mail goes.")]
    public required MailboxId MailboxId { get; init; }

    [Stored(Visibility.Sealed, Retention.Account, "The keys mail to it is sealed to; public halves are clear, private halves locked.")]
    public IReadOnlyList<StoredAddressKey> Keys { get; init; } = [];

    [Stored(Visibility.Clear, Retention.UntilUsed, "Until then the address waits for its member, and senders are asked to try again.")]
    public DateTimeOffset? InvitedUntil { get; init; }
}

public sealed record StoredAddressKey
{
    public required string Fingerprint { get; init; }

    public required AddressKeyState State { get; init; }

    public required DateTimeOffset From { get; init; }

    public DateTimeOffset? To { get; init; }

    public required byte[] PublicKey { get; init; }

    public required byte[] LockedKey { get; init; }

    /// <summary>The key's passphrase, sealed to the user key of the mailbox's member.</summary>
    public required byte[] SealedPassphrase { get; init; }
}
