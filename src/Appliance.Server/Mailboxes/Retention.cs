using Appliance.Crypto.Formats;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;

namespace Appliance.Server.Mailboxes;

/// <summary>Messages are destroyed some days after they came, but none before the rule's own time of grace is over.</summary>
public sealed record RetentionRule
{
    public const int MostDays = 36_500;

    public required int Days { get; init; }

    /// <summary>Until then whoever set the rule, or lives under it, can still think of something else.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    public DateTimeOffset DestroysAt(DateTimeOffset arrivedAt)
    {
        var at = arrivedAt.AddDays(Days);
        return at > NotBefore ? at : NotBefore;
    }
}

/// <summary>The rules that hold in one mailbox.</summary>
public sealed record MailboxRetention
{
    public static readonly TimeSpan MemberGrace = TimeSpan.FromDays(1);
    public static readonly TimeSpan PolicyGrace = TimeSpan.FromDays(7);

    /// <summary>The member's own.</summary>
    public RetentionRule? Account { get; init; }

    /// <summary>The operator's, the same in every mailbox.</summary>
    public RetentionRule? Policy { get; init; }

    /// <summary>Whether the member wants to be told of a date that a message itself gives in <c>Expires</c> (RFC 4021 §2.1.50).</summary>
    public bool SuggestsSenderExpiry { get; init; }

    public MessageRow Over(MessageRow message) => message.Expiring(expiry => expiry with
    {
        Account = Account?.DestroysAt(message.ArrivedAt),
        Policy = Policy?.DestroysAt(message.ArrivedAt),
    });
}

/// <summary>What the operator wants kept no longer, for whoever comes later.</summary>
[Collection("retentionPolicy")]
public sealed record RetentionPolicyRow
{
    public static readonly Collection<RetentionPolicyRow> All = Collection.Of<RetentionPolicyRow>(_ => OnlyKey);

    public static byte[] OnlyKey => [1];

    [Stored(Visibility.Clear, Retention.Appliance, "After how many days mail is destroyed, and from when on.")]
    public RetentionRule? Rule { get; init; }
}

/// <summary>A mailbox whose messages do not all know yet what its rules are now.</summary>
[Collection("retentionWork", InBackup = false)]
public sealed record RetentionWorkRow
{
    public static readonly Collection<RetentionWorkRow> All = Collection.Of<RetentionWorkRow>(row => Key.Of(row.MailboxId.Value));

    [Stored(Visibility.Clear, Retention.UntilUsed, "Which mailbox.")]
    public required MailboxId MailboxId { get; init; }

    [Stored(Visibility.Clear, Retention.UntilUsed, "The first message that is still to be told.")]
    public required MessageId Next { get; init; }
}
