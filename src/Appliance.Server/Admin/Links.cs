using Appliance.Crypto.Formats;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;

namespace Appliance.Server.Admin;

public enum LinkKind
{
    Setup = 1,
    Invitation = 2,
}

/// <summary>A one-time link that makes an account. Its token is not stored, its SHA-256 is.</summary>
[Collection("link", InBackup = false)]
public sealed record LinkRow
{
    public static readonly Collection<LinkRow> All = Collection.Of<LinkRow>(row => row.TokenHash)
        .Index("kind", row => [(byte)row.Kind]);

    [Stored(Visibility.Secret, Retention.UntilUsed, "Recognises the link.")]
    public required byte[] TokenHash { get; init; }

    [Stored(Visibility.Clear, Retention.UntilUsed, "Set-up or invitation.")]
    public required LinkKind Kind { get; init; }

    [Stored(Visibility.Clear, Retention.UntilUsed, "Set-up: the domain to host, when the command line chose it.")]
    public string? Domain { get; init; }

    [Stored(Visibility.Clear, Retention.UntilUsed, "Whom the account is for.")]
    public string? Address { get; init; }

    [Stored(Visibility.Clear, Retention.UntilUsed, "The id the account will have.")]
    public required AccountId AccountId { get; init; }

    [Stored(Visibility.Clear, Retention.UntilUsed, "The id its mailbox will have.")]
    public required MailboxId MailboxId { get; init; }

    [Stored(Visibility.Clear, Retention.UntilUsed, "When the link stops working.")]
    public required DateTimeOffset ExpiresAt { get; init; }
}
