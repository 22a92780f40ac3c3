using Appliance.Crypto.Formats;
using Appliance.Server.Audit;
using Appliance.Server.Storage;

namespace Appliance.Server.Mailboxes;

/// <summary>
/// Sets the rules of retention, and tells them to messages that are there already: a hundred at a time, so that a change goes on after a kill
/// and holds nobody up. New messages know them from their arrival on.
/// </summary>
public static class RetentionStore
{
    private const int AtOnce = 100;
    private static readonly MessageId First = new(ObjectId.FromBytes(new byte[ObjectId.ByteLength]));

    public static MailboxRetention RetentionOf(this IStoreReader store, MailboxId mailbox) =>
        store.Get(MailboxRow.All, Key.Of(mailbox.Value))?.RetentionRules ?? new MailboxRetention();

    public static RetentionRule? RetentionPolicy(this IStoreReader store) =>
        store.Get(RetentionPolicyRow.All, RetentionPolicyRow.OnlyKey)?.Rule;

    /// <summary>The member's own rule; null days: none.</summary>
    public static MailboxChange SetRetention(
        this IStoreTransaction transaction, MailboxEdit edit, int? days, bool suggestsSenderExpiry, DateTimeOffset now) =>
        transaction.Once(edit, now, _ =>
        {
            var retention = transaction.RetentionOf(edit.MailboxId) with { SuggestsSenderExpiry = suggestsSenderExpiry };
            transaction.Change(edit.MailboxId, retention with { Account = RuleOf(days, retention.Account, now + MailboxRetention.MemberGrace) });
        });

    /// <summary>The operator's rule for every mailbox; null days: none.</summary>
    public static void SetRetentionPolicy(this IStoreTransaction transaction, int? days, DateTimeOffset now)
    {
        var before = transaction.RetentionPolicy();
        var rule = RuleOf(days, before, now + MailboxRetention.PolicyGrace);
        if (rule == before)
            return;
        transaction.Put(RetentionPolicyRow.All, new RetentionPolicyRow { Rule = rule });
        transaction.Record("days of the retention policy set", days ?? 0, now);
        foreach (var mailbox in transaction.Mailboxes().ToList())
            transaction.Change(mailbox.Id, (mailbox.RetentionRules ?? new MailboxRetention()) with { Policy = rule });
    }

    /// <summary>Tells the next messages the rules of their mailbox.</summary>
    /// <returns>Null when all know them.</returns>
    public static MailboxChange? TellRetention(this IStoreTransaction transaction, DateTimeOffset now)
    {
        if (transaction.Range(RetentionWorkRow.All, [0], Key.Last, 1) is not [var work])
            return null;
        var id = work.MailboxId.Value;
        var messages = transaction.Range(MessageRow.All, Key.Of(id, work.Next.Value), Key.LastOf(id), AtOnce);
        var mailbox = transaction.Touch(work.MailboxId);
        foreach (var message in messages.Where(message => !message.HasExpired(now))) // no rule brings back what has
        {
            var told = (mailbox.RetentionRules ?? new MailboxRetention()).Over(message);
            if (told.Expiry != message.Expiry)
                transaction.Put(MessageRow.All, told with { ModSeq = mailbox.HighestModSeq });
        }
        if (messages.Count < AtOnce)
            transaction.Delete(RetentionWorkRow.All, RetentionWorkRow.All.Key(work));
        else
            transaction.Put(RetentionWorkRow.All, work with { Next = new MessageId(new ObjectId(messages[^1].Id.Value.Value + 1)) });
        return new MailboxChange(mailbox.Id, mailbox.HighestModSeq);
    }

    /// <summary>How many messages a rule of so many days would destroy as soon as its time of grace is over; counts to <paramref name="most"/>.</summary>
    public static int CountOlder(this IStoreReader store, MailboxId mailbox, DateTimeOffset arrivedBefore, int most)
    {
        var (count, from) = (0, Key.Of(mailbox.Value));
        while (count < most)
        {
            var page = store.Range(MessageRow.All, from, Key.LastOf(mailbox.Value), Math.Min(most - count, 500));
            count += page.Count(message => message.ArrivedAt < arrivedBefore);
            // Ids follow the order of arrival: what comes later is younger still.
            if (page.Count == 0 || page[^1].ArrivedAt >= arrivedBefore)
                break;
            from = Key.After(MessageRow.All.Key(page[^1]));
        }
        return count;
    }

    public static IEnumerable<MailboxRow> Mailboxes(this IStoreReader store)
    {
        byte[] from = [0];
        while (store.Range(MailboxRow.All, from, Key.Last, AtOnce) is { Count: > 0 } page)
        {
            foreach (var mailbox in page)
                yield return mailbox;
            from = Key.After(MailboxRow.All.Key(page[^1]));
        }
    }

    // The same number of days again is no new rule, and its time of grace goes on.
    private static RetentionRule? RuleOf(int? days, RetentionRule? before, DateTimeOffset notBefore) =>
        days is not { } count ? null
        : before?.Days == count ? before
        : new RetentionRule { Days = count, NotBefore = DateTimeOffset.FromUnixTimeMilliseconds(notBefore.ToUnixTimeMilliseconds()) };

    private static void Change(this IStoreTransaction transaction, MailboxId id, MailboxRetention retention)
    {
        var mailbox = transaction.Get(MailboxRow.All, Key.Of(id.Value))!;
        if (retention == (mailbox.RetentionRules ?? new MailboxRetention()))
            return;
        transaction.Put(MailboxRow.All, mailbox with { RetentionRules = retention });
        if (retention.Account != mailbox.RetentionRules?.Account || retention.Policy != mailbox.RetentionRules?.Policy)
            transaction.Put(RetentionWorkRow.All, new RetentionWorkRow { MailboxId = id, Next = First });
    }
}
