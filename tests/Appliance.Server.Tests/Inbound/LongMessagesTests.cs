using System.Net;
using Appliance.Mail.Smtp;
using Appliance.Server.Inbound;
using Appliance.Server.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Appliance.Server.Tests.Inbound;

/// <summary>A long message is taken by the thread pool, so that no session waits for a thread that works on another's; a short one where its session is.</summary>
public sealed class LongMessagesTests
{
    [Theory]
    [InlineData(256 * 1024, true)]
    [InlineData((256 * 1024) + 1, false)]
    public async Task Only_a_short_message_is_taken_where_its_session_is(int length, bool staysThere)
    {
        using var message = new MessageBuffer(MessageBudget.QuarterOfMemory());
        Assert.True(message.TryAppend(new byte[length]));
        var store = new FullStore();
        var drop = new MxMailDrop(store, null!, null!, null!, null!, null!, null!, null!, null!, null!, null!, null!, NullLogger<MxMailDrop>.Instance);
        var envelope = new SmtpEnvelope(new SmtpPeer(new IPEndPoint(IPAddress.Loopback, 25)), null!, []);

        var session = new SynchronizationContext();
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(session);
        var delivering = drop.DeliverAsync(envelope, message, TestContext.Current.CancellationToken);
        SynchronizationContext.SetSynchronizationContext(before);

        Assert.Equal(452, (await delivering).Code);
        Assert.Equal(staysThere ? session : null, store.AskedIn);
    }

    /// <summary>Has no room, and knows where it was asked.</summary>
    private sealed class FullStore : IStore
    {
        public SynchronizationContext? AskedIn { get; private set; }

        public IBlobStore Blobs => throw new NotSupportedException();

        public bool HasRoomFor(long bytes)
        {
            AskedIn = SynchronizationContext.Current;
            return false;
        }

        public T? Get<T>(Collection<T> collection, ReadOnlySpan<byte> key) where T : class => throw new NotSupportedException();

        public IReadOnlyList<T> Range<T>(Collection<T> collection, byte[] from, byte[] to, int limit, bool descending = false, string? index = null)
            where T : class => throw new NotSupportedException();

        public Task<T> WriteAsync<T>(Func<IStoreTransaction, T> work, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task CheckpointAsync() => throw new NotSupportedException();
    }
}
