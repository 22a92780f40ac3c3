using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Appliance.Crypto.Formats;

namespace Appliance.Server.Mailboxes;

/// <summary>A mailbox's new change number: all that a listener is told.</summary>
public readonly record struct MailboxChange(MailboxId MailboxId, long ModSeq);

/// <summary>
/// Tells listeners that a mailbox changed, after the change is durable. A slow listener keeps only the newest change of
/// each kind of news: every event says "look again", so none is worth queueing.
/// </summary>
public sealed class MailboxChanges
{
    private readonly ConcurrentDictionary<Channel<MailboxChange>, HashSet<MailboxId>> _listeners = new();

    public void Publish(IEnumerable<MailboxChange> changes)
    {
        foreach (var change in changes)
            foreach (var (channel, mailboxes) in _listeners)
                if (mailboxes.Contains(change.MailboxId))
                    channel.Writer.TryWrite(change);
    }

    public async IAsyncEnumerable<MailboxChange> ListenAsync(
        HashSet<MailboxId> mailboxes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<MailboxChange>(new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropOldest });
        _listeners[channel] = mailboxes;
        try
        {
            await foreach (var change in channel.Reader.ReadAllAsync(cancellationToken))
                yield return change;
        }
        finally
        {
            _listeners.TryRemove(channel, out _);
        }
    }
}
