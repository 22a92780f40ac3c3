using Appliance.Contracts;

namespace Appliance.Server.Mailboxes;

/// <summary>Why and when a message goes; the earliest wins.</summary>
public sealed record MessageExpiry
{
    public static readonly MessageExpiry None = new();

    public DateTimeOffset? Sender { get; init; }

    public DateTimeOffset? Member { get; init; }

    public DateTimeOffset? Folder { get; init; }

    public DateTimeOffset? Account { get; init; }

    public DateTimeOffset? Policy { get; init; }

    /// <summary>Minutes after <see cref="OpenedAt"/>.</summary>
    public int? BurnAfterMinutes { get; init; }

    public DateTimeOffset? OpenedAt { get; init; }

    /// <summary>The earliest of these times; null: never.</summary>
    public DateTimeOffset? Earliest()
    {
        DateTimeOffset? burnt = BurnAfterMinutes is { } minutes && OpenedAt is { } opened ? opened.AddMinutes(minutes) : null;
        return new[] { Sender, Member, Folder, Account, Policy, burnt }.Min();
    }

    /// <summary>How long messages stay in a folder after they came there; null: as long as in any other.</summary>
    public static TimeSpan? LifetimeIn(FolderRole? role) => role is FolderRole.Junk or FolderRole.Trash ? TimeSpan.FromDays(30) : null;

    public ExpiryResponse ToResponse() => new(Sender, Member, Folder, Account, Policy, BurnAfterMinutes, OpenedAt);
}
