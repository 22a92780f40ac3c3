using System.ComponentModel.DataAnnotations;
using Appliance.Crypto.Formats;
using Appliance.Server.Storage;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Mailboxes;

/// <summary><c>Mailboxes:*</c> in appsettings.json.</summary>
public sealed class MailboxOptions
{
    /// <summary>Bytes of messages, as they arrived, that a mailbox may have; 0: any number.</summary>
    [Range(0, long.MaxValue)]
    public long QuotaBytes { get; set; }
}

/// <summary>What their attributes ask for, checked by code made when it is compiled.</summary>
[OptionsValidator]
internal sealed partial class MailboxOptionsBounds : IValidateOptions<MailboxOptions>;

/// <summary>
/// How much a mailbox holds, and may hold. The bytes stand in its row and change in the same write as its messages, so nobody adds them up when mail arrives.
/// </summary>
public static class Quota
{
    private const int AtOnce = 500;

    /// <summary>Nothing more is taken for it. What made it full is there: a mailbox goes over by the messages that were on their way.</summary>
    public static bool IsFull(this MailboxRow mailbox, MailboxOptions options) =>
        (mailbox.QuotaBytes ?? options.QuotaBytes) is > 0 and var most && mailbox.UsedBytes >= most;

    /// <summary>Null bytes: what everybody has; 0: any number.</summary>
    /// <returns>Null when there is no such mailbox.</returns>
    public static MailboxRow? SetQuota(this IStoreTransaction transaction, MailboxId id, long? bytes)
    {
        if (transaction.Get(MailboxRow.All, Key.Of(id.Value)) is not { } mailbox)
            return null;
        var limited = mailbox with { QuotaBytes = bytes };
        transaction.Put(MailboxRow.All, limited);
        return limited;
    }

    /// <summary>Adds up, once, the messages of mailboxes that are older than quotas.</summary>
    public static async Task CountUsedAsync(this IStore store, CancellationToken cancellationToken)
    {
        foreach (var mailbox in store.Mailboxes().Where(mailbox => mailbox.UsedBytes is null).ToList())
        {
            await store.WriteAsync(
                transaction =>
                {
                    if (transaction.Get(MailboxRow.All, Key.Of(mailbox.Id.Value)) is { UsedBytes: null } uncounted)
                        transaction.Put(MailboxRow.All, uncounted with { UsedBytes = transaction.BytesOf(mailbox.Id) });
                    return true;
                },
                cancellationToken);
        }
    }

    private static long BytesOf(this IStoreReader store, MailboxId mailbox)
    {
        var (bytes, from) = (0L, Key.Of(mailbox.Value));
        while (store.Range(MessageRow.All, from, Key.LastOf(mailbox.Value), AtOnce) is { Count: > 0 } page)
        {
            bytes += page.Sum(message => message.Size);
            from = Key.After(MessageRow.All.Key(page[^1]));
        }
        return bytes;
    }
}

/// <summary>Before anything is served; later nothing needs to be added up.</summary>
internal sealed partial class CountUsedAtStart(IStore store, ILogger<CountUsedAtStart> log) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await store.CountUsedAsync(cancellationToken);
        }
        catch (Exception failed) when (failed is StoreFailedException or StoreDamagedException)
        {
            LogFailed(failed.Message); // a mailbox that is not counted has no quota until it is
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Error, Message = "What some mailboxes hold could not be added up, so their quota does not hold; it is tried again at the next start: {Reason}")]
    private partial void LogFailed(string reason);
}
