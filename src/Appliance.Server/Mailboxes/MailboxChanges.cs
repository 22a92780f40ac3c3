using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Appliance.Crypto.Formats;
using Appliance.Server.Accounts;

namespace Appliance.Server.Mailboxes;

/// <summary>A mailbox's new change number: all that a listener is told.</summary>
public readonly record struct MailboxChange(MailboxId MailboxId, long ModSeq);

/// <summary>
/// Tells listeners that a mailbox changed, after the change is durable. A slow listener keeps only the newest change of
/// each kind of news: every event says "look again", so none is worth queueing. Who signs out is told nothing more.
/// </summary>
public sealed class MailboxChanges
{
    /// <summary>Streams of one member. For one more the oldest ends: a device that went away without a word leaves one open until something is sent into it.</summary>
    internal const int MostPerAccount = 50;

    private readonly ConcurrentDictionary<Channel<MailboxChange>, Listener> _listeners = new();
    private readonly Sessions _sessions;
    private long _begun;

    public MailboxChanges(Sessions sessions)
    {
        _sessions = sessions;
        sessions.Ended += EndListeners;
    }

    public void Publish(IEnumerable<MailboxChange> changes)
    {
        foreach (var change in changes)
            foreach (var (channel, listener) in _listeners)
                if (listener.Mailboxes.Contains(change.MailboxId))
                    channel.Writer.TryWrite(change);
    }

    /// <summary>Ends with the session.</summary>
    public async IAsyncEnumerable<MailboxChange> ListenAsync(
        LiveSession session, HashSet<MailboxId> mailboxes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<MailboxChange>(new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropOldest });
        _listeners[channel] = new Listener(session, mailboxes, Interlocked.Increment(ref _begun));
        EndOldest(session.AccountId);
        try
        {
            // Looked at after listening began: a sign-out falls before this or ends the channel.
            if (!_sessions.IsLive(session))
                yield break;
            await foreach (var change in channel.Reader.ReadAllAsync(cancellationToken))
                yield return change;
        }
        finally
        {
            _listeners.TryRemove(channel, out _);
        }
    }

    private void EndOldest(AccountId account)
    {
        foreach (var (channel, _) in _listeners.Where(pair => pair.Value.Session.AccountId == account).OrderByDescending(pair => pair.Value.Number).Skip(MostPerAccount))
            channel.Writer.TryComplete();
    }

    private void EndListeners(byte[] tokenHash)
    {
        foreach (var (channel, listener) in _listeners)
            if (listener.Session.TokenHash.AsSpan().SequenceEqual(tokenHash))
                channel.Writer.TryComplete();
    }

    private sealed record Listener(LiveSession Session, HashSet<MailboxId> Mailboxes, long Number);
}
