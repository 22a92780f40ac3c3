using Appliance.Crypto.Formats;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;

namespace Appliance.Server.Accounts;

/// <summary>Someone who signs in. Mail lies in mailboxes, not here.</summary>
[Collection("account")]
public sealed record AccountRow
{
    public static readonly Collection<AccountRow> All = Collection
        .Of<AccountRow>(row => Key.Of(row.Id.Value))
        .Index("address", row => Key.Of(row.Address))
        .Index("operator", row => row.IsOperator ? [1] : null);

    [Stored(Visibility.Clear, Retention.Account, "Names the account inside the appliance.")]
    public required AccountId Id { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "The address the member signs in with.")]
    public required string Address { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "The operator's account also receives mail for postmaster and abuse.")]
    public required bool IsOperator { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "When the account was made.")]
    public required DateTimeOffset CreatedAt { get; init; }
}

public enum SlotKind
{
    Password = 1,
    MailboxPassword = 2,
    Phrase = 3,
    Passkey = 4,
    Session = 5,
}

/// <summary>One way to unlock an account's master key (docs/formats.md, "Key slots").</summary>
[Collection("slot")]
public sealed record SlotRow
{
    public static readonly Collection<SlotRow> All = Collection.Of<SlotRow>(row => Key.Of(row.AccountId.Value, row.Id.Value));

    [Stored(Visibility.Clear, Retention.Account, "Whose slot it is.")]
    public required AccountId AccountId { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "Names the slot; key derivation binds it.")]
    public required SlotId Id { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "Password or recovery phrase.")]
    public required SlotKind Kind { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "The version of the slot's format.")]
    public required int Version { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "How much work one guess of the password costs.")]
    public required StoredKdf Kdf { get; init; }

    [Stored(Visibility.Secret, Retention.Account, "Checks a sign-in without knowing the password (SRP-6a).")]
    public required byte[] Verifier { get; init; }

    [Stored(Visibility.Sealed, Retention.Account, "The master key, wrapped by a key only the member can derive.")]
    public required byte[] Wrap { get; init; }
}

/// <summary>Argon2id parameters (RFC 9106): memory in KiB, passes, lanes, and the 16-byte salt.</summary>
public sealed record StoredKdf
{
    public required string Name { get; init; }

    public required uint MemoryKiB { get; init; }

    public required uint Passes { get; init; }

    public required uint Lanes { get; init; }

    public required byte[] Salt { get; init; }
}

/// <summary>One signed-in client. The cookie's token is not stored, its SHA-256 is.</summary>
[Collection("session", InBackup = false)]
public sealed record SessionRow
{
    public static readonly Collection<SessionRow> All = Collection.Of<SessionRow>(row => row.TokenHash)
        .Index("account", row => Key.Of(row.AccountId.Value));

    [Stored(Visibility.Secret, Retention.Session, "Recognises the session's cookie.")]
    public required byte[] TokenHash { get; init; }

    [Stored(Visibility.Clear, Retention.Session, "Who is signed in.")]
    public required AccountId AccountId { get; init; }

    [Stored(Visibility.Clear, Retention.Session, "When the session began.")]
    public required DateTimeOffset CreatedAt { get; init; }

    [Stored(Visibility.Clear, Retention.Session, "The day it was last used; it ends after 30 days without use.")]
    public required DateTimeOffset LastUsedAt { get; init; }

    [Stored(Visibility.Sealed, Retention.Session, "Keeps a reload unlocked; useless without the half in the browser.")]
    public StoredSessionSlot? Slot { get; init; }
}

public sealed record StoredSessionSlot
{
    public required SlotId Id { get; init; }

    /// <summary>The server's 32-byte half of the wrapping key.</summary>
    public required byte[] ServerHalf { get; init; }

    public required byte[] Wrap { get; init; }
}

/// <summary>A random key of the server's own, made when first asked for.</summary>
[Collection("serverSecret")]
public sealed record ServerSecretRow
{
    public static readonly Collection<ServerSecretRow> All = Collection.Of<ServerSecretRow>(row => Key.Of(row.Name));

    [Stored(Visibility.Clear, Retention.Appliance, "What the key is for.")]
    public required string Name { get; init; }

    [Stored(Visibility.Secret, Retention.Appliance, "The key.")]
    public required byte[] Value { get; init; }
}
