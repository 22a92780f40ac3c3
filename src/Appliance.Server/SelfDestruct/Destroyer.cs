using System.Collections.Concurrent;
using Appliance.Crypto.Formats;
using Appliance.Server.Audit;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;

namespace Appliance.Server.SelfDestruct;

/// <summary>
/// Destroys messages for good: rows, places, erasure keys, then the blobs nobody holds any more, then what the page files still
/// keep of them. Killed on the way it goes on where it was: rows that are left are found by their time, blobs without a row are swept at
/// the next start, and every start cleans the page files.
/// </summary>
public sealed partial class Destroyer(IStore store, DestructionClock clock, MailboxChanges changes, TimeProvider time, ILogger<Destroyer> log)
    : IDisposable
{
    private const int AtOnce = 100;
    private static readonly byte[] Beginning = [0];
    private readonly SemaphoreSlim _gate = new(1);
    private readonly ConcurrentQueue<BlobReference> _blobs = new();
    private volatile bool _hasTraces = true; // of an earlier process, perhaps

    /// <summary>Destroys what has expired by now.</summary>
    /// <returns>How many messages.</returns>
    /// <exception cref="StoreFailedException">The disk did not take it; the next run goes on.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var due = await clock.AdvanceAsync(cancellationToken);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await TellRetentionAsync(cancellationToken);
            var destroyed = 0;
            while (due is { } until)
            {
                var batch = await store.WriteAsync(transaction => DestroyExpired(transaction, until), cancellationToken);
                Hand(batch);
                destroyed += batch.Messages;
                if (batch.Messages < AtOnce)
                    break;
            }
            await CleanAsync(cancellationToken);
            if (destroyed > 0)
                LogDestroyed(destroyed);
            return destroyed;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Destroys what a member wants gone now; nothing is left of it once this returns.</summary>
    /// <exception cref="StoreFailedException">The disk did not take it, or may hold traces still, which the next run removes.</exception>
    public async Task<MailboxChange> DestroyAsync(MailboxEdit edit, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var batch = await store.WriteAsync(transaction => Destroy(transaction, edit, now), cancellationToken);
            Hand(batch);
            await CleanAsync(cancellationToken);
            return batch.Changes[0];
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Destroys what lies in a folder up to this number; nothing is left of it once this returns.</summary>
    /// <returns>How many messages.</returns>
    /// <exception cref="StoreFailedException">The disk did not take it; what was not destroyed lies there still.</exception>
    public async Task<int> EmptyAsync(MailboxId mailbox, FolderId folder, uint throughUid, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var destroyed = 0;
            Batch batch;
            do
            {
                batch = await store.WriteAsync(transaction => DestroyIn(transaction, mailbox, folder, throughUid), cancellationToken);
                Hand(batch);
                destroyed += batch.Messages;
            }
            while (batch.Messages == AtOnce);
            await CleanAsync(cancellationToken);
            return destroyed;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task TellRetentionAsync(CancellationToken cancellationToken)
    {
        while (await store.WriteAsync(transaction => transaction.TellRetention(clock.Now), cancellationToken) is { } change)
            changes.Publish([change]);
    }

    private Batch DestroyIn(IStoreTransaction transaction, MailboxId mailbox, FolderId folder, uint throughUid)
    {
        var messages = transaction
            .Range(MembershipRow.All, Key.Of(mailbox.Value, folder.Value, 0), Key.Of(mailbox.Value, folder.Value, throughUid), AtOnce)
            .Select(place => transaction.Get(MessageRow.All, Key.Of(mailbox.Value, place.MessageId.Value)))
            .OfType<MessageRow>()
            .ToList();
        return messages.Count == 0
            ? new Batch(0, [], [])
            : Destroy(transaction, messages, [new MailboxChange(mailbox, transaction.Touch(mailbox).HighestModSeq)], "messages destroyed by members");
    }

    private Batch DestroyExpired(IStoreTransaction transaction, DateTimeOffset until)
    {
        var expired = transaction.Range(MessageRow.All, Beginning, Key.Of(until), AtOnce, index: "expiresAt");
        return Destroy(
            transaction,
            expired,
            [.. expired.Select(message => message.MailboxId).Distinct().Select(id => new MailboxChange(id, transaction.Touch(id).HighestModSeq))],
            "expired messages destroyed");
    }

    private Batch Destroy(IStoreTransaction transaction, MailboxEdit edit, DateTimeOffset now)
    {
        var batch = new Batch(0, [], []);
        var change = transaction.Once(
            edit, now, _ => batch = Destroy(transaction, [.. transaction.MessagesOf(edit)], [], "messages destroyed by members"));
        return batch with { Changes = [change] };
    }

    private Batch Destroy(IStoreTransaction transaction, IReadOnlyList<MessageRow> messages, IReadOnlyList<MailboxChange> changed, string action)
    {
        var blobs = transaction.Destroy(messages);
        if (messages.Count > 0)
            transaction.Record(action, messages.Count, time.GetUtcNow());
        return new Batch(messages.Count, blobs, changed);
    }

    private void Hand(Batch batch)
    {
        foreach (var blob in batch.Blobs)
            _blobs.Enqueue(blob);
        _hasTraces |= batch.Messages > 0;
        changes.Publish(batch.Changes);
    }

    /// <summary>What could not be removed now is kept in mind for the next run.</summary>
    private async Task CleanAsync(CancellationToken cancellationToken)
    {
        while (_blobs.TryPeek(out var blob))
        {
            await DeleteAsync(blob, cancellationToken);
            _blobs.TryDequeue(out _);
        }
        if (!_hasTraces)
            return;
        await store.CheckpointAsync();
        _hasTraces = false;
    }

    private async Task DeleteAsync(BlobReference blob, CancellationToken cancellationToken)
    {
        try
        {
            await store.Blobs.DeleteAsync(blob, cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreFailedException($"A file of a destroyed message could not be removed: {error.Message} It is tried again in a minute.", error);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} expired messages were destroyed")]
    private partial void LogDestroyed(int count);

    private sealed record Batch(int Messages, IReadOnlyList<BlobReference> Blobs, IReadOnlyList<MailboxChange> Changes);
}
