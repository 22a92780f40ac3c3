using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Appliance.Server.Inbound.Connections;

namespace Appliance.Server.Tests.Inbound.Connections;

/// <summary>The same in a loop and in the thread pool.</summary>
public sealed class SocketPipeTests : IDisposable
{
    private readonly SessionLoop? _loop = OperatingSystem.IsLinux() ? new SessionLoop() : null;

    public void Dispose() => _loop?.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task What_is_sent_comes_back_whatever_is_left_unread(bool inLoop) => OverAsync(inLoop, async (pipe, peer) =>
    {
        var sent = RandomNumberGenerator.GetBytes(700_000);
        var sending = Task.Run(() => peer.Send(sent));
        var received = new List<byte>();
        var step = 1;
        while (received.Count < sent.Length)
        {
            var read = await pipe.Input.ReadAsync();
            // Only some is taken, and once nothing, so that more comes beside it.
            var taken = step % 5 == 0 ? 0 : Math.Min(step * 997 % 70_000, (int)read.Buffer.Length);
            received.AddRange(read.Buffer.Slice(0, taken).ToArray());
            var isLast = received.Count + read.Buffer.Length - taken == sent.Length;
            pipe.Input.AdvanceTo(read.Buffer.GetPosition(taken), isLast ? read.Buffer.GetPosition(taken) : read.Buffer.End);
            step++;
        }
        await sending;
        Assert.True(received.SequenceEqual(sent));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task What_was_not_looked_at_is_given_again_without_waiting(bool inLoop) => OverAsync(inLoop, async (pipe, peer) =>
    {
        await peer.SendAsync("one two"u8.ToArray());
        var read = await pipe.Input.ReadAsync();
        pipe.Input.AdvanceTo(read.Buffer.GetPosition(4));
        Assert.True(pipe.Input.TryRead(out var again));
        Assert.Equal("two"u8.ToArray(), again.Buffer.ToArray());
        pipe.Input.AdvanceTo(again.Buffer.Start, again.Buffer.End);
        Assert.False(pipe.Input.TryRead(out _));
        await peer.SendAsync("!"u8.ToArray());
        Assert.Equal("two!"u8.ToArray(), (await pipe.Input.ReadAsync()).Buffer.ToArray());
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task The_end_is_told_with_what_came_before_it(bool inLoop) => OverAsync(inLoop, async (pipe, peer) =>
    {
        await peer.SendAsync("last"u8.ToArray());
        peer.Shutdown(SocketShutdown.Send);
        var read = await pipe.Input.ReadAsync();
        pipe.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        read = await pipe.Input.ReadAsync();
        Assert.True(read.IsCompleted);
        Assert.Equal("last"u8.ToArray(), read.Buffer.ToArray());
        pipe.Input.AdvanceTo(read.Buffer.End);
        Assert.True((await pipe.Input.ReadAsync()).IsCompleted);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task A_wait_is_called_off_from_another_thread(bool inLoop) => OverAsync(inLoop, async (pipe, peer) =>
    {
        using var later = new Timer(_ => pipe.Input.CancelPendingRead(), null, TimeSpan.FromMilliseconds(100), Timeout.InfiniteTimeSpan);
        var read = await pipe.Input.ReadAsync();
        Assert.True(read.IsCanceled);
        pipe.Input.AdvanceTo(read.Buffer.End);
        await peer.SendAsync("and it goes on"u8.ToArray());
        Assert.Equal("and it goes on"u8.ToArray(), (await pipe.Input.ReadAsync()).Buffer.ToArray());
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task A_wait_ends_with_its_token_and_no_octet_is_lost(bool inLoop) => OverAsync(inLoop, async (pipe, peer) =>
    {
        using var late = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pipe.Input.ReadAsync(late.Token));
        await peer.SendAsync("still here"u8.ToArray());
        Assert.Equal("still here"u8.ToArray(), (await pipe.Input.ReadAsync()).Buffer.ToArray());
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Who_is_late_from_the_first_leaves_what_has_come(bool inLoop) => OverAsync(inLoop, async (pipe, peer) =>
    {
        await peer.SendAsync("here"u8.ToArray());
        await Task.Delay(100, CancellationToken.None); // so that the loop was told of it
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pipe.Input.ReadAsync(new CancellationToken(canceled: true)));
        Assert.Equal("here"u8.ToArray(), (await pipe.Input.ReadAsync()).Buffer.ToArray());
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Called_off_again_and_again_it_reads_all_the_same(bool inLoop) => OverAsync(inLoop, async (pipe, peer) =>
    {
        for (var i = 0; i < 5_000; i++)
        {
            // Nothing comes behind the octet that would tell of it again.
            var octet = (byte)i;
            var saying = Task.Run(() => peer.Send([octet]));
            var calling = Task.Run(pipe.Input.CancelPendingRead);
            ReadResult read;
            while ((read = await pipe.Input.ReadAsync()).Buffer.IsEmpty)
                pipe.Input.AdvanceTo(read.Buffer.End);
            Assert.Equal([octet], read.Buffer.ToArray());
            pipe.Input.AdvanceTo(read.Buffer.End);
            await Task.WhenAll(saying, calling);
        }
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_does_not_read_holds_up_no_thread_and_can_be_called_off(bool inLoop)
    {
        var (received, sent) = (0L, 0L);
        await OverAsync(
            inLoop,
            async (pipe, peer) =>
            {
                using var later = new Timer(_ => pipe.Output.CancelPendingFlush(), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
                var line = new byte[1_000];
                FlushResult flushed;
                do
                {
                    pipe.Output.Write(line);
                    sent += line.Length;
                    flushed = await pipe.Output.FlushAsync();
                }
                while (!flushed.IsCanceled);
                var reading = Task.Run(() => received = CountToTheEnd(peer));
                if (inLoop && _loop is not null)
                    Assert.False((await pipe.Output.FlushAsync()).IsCanceled);
                else
                    await Assert.ThrowsAsync<IOException>(async () => await pipe.Output.FlushAsync());
                return reading;
            });
        // What had not been sent was, or nothing more; and the end came.
        if (inLoop && _loop is not null)
            Assert.Equal(sent, received);
        else
            Assert.InRange(received, 1, sent);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Sending_to_who_does_not_read_ends_with_its_token(bool inLoop) => OverAsync(inLoop, async (pipe, peer) =>
    {
        using var late = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (true)
                await pipe.Output.WriteAsync(new byte[1_000], late.Token);
        });
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task All_of_a_large_reply_arrives(bool inLoop) => OverAsync(inLoop, async (pipe, peer) =>
    {
        var sent = RandomNumberGenerator.GetBytes(3_000_000);
        var receiving = Task.Run(() =>
        {
            var received = new byte[sent.Length];
            for (var at = 0; at < received.Length;)
                at += peer.Receive(received.AsSpan(at));
            return received;
        });
        for (var at = 0; at < sent.Length; at += 300_000)
        {
            pipe.Output.Write(sent.AsSpan(at, 300_000));
            Assert.False((await pipe.Output.FlushAsync()).IsCanceled);
        }
        Assert.True((await receiving).AsSpan().SequenceEqual(sent));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task A_reset_is_a_broken_connection(bool inLoop) => OverAsync(inLoop, async (pipe, peer) =>
    {
        peer.LingerState = new LingerOption(true, 0);
        peer.Close();
        await Assert.ThrowsAsync<IOException>(async () => await pipe.Input.ReadAsync());
    });

    private static long CountToTheEnd(Socket peer)
    {
        var (room, all) = (new byte[100_000], 0L);
        while (peer.Receive(room) is > 0 and var count)
            all += count;
        return all;
    }

    private Task OverAsync(bool inLoop, Func<IDuplexPipe, Socket, Task> converse) => OverAsync(inLoop, async (pipe, peer) =>
    {
        await converse(pipe, peer);
        return Task.CompletedTask;
    });

    /// <param name="converse">Gives what is to be awaited when the connection is closed.</param>
    private async Task OverAsync(bool inLoop, Func<IDuplexPipe, Socket, Task<Task>> converse)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(listener.LocalEndPoint!);
        var over = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (inLoop && _loop is not null)
            _loop.Post(_ => _ = HoldAsync(_loop), null);
        else
            _ = Task.Run(() => HoldAsync(null));
        await (await over.Task.WaitAsync(TimeSpan.FromSeconds(60))).WaitAsync(TimeSpan.FromSeconds(60));

        async Task HoldAsync(SessionLoop? loop)
        {
            try
            {
                using var pipe = new SocketPipe(
                    loop is null ? new PoolConnection(await listener.AcceptAsync()) : new LoopConnection(LinuxSocket.Accept(listener.SafeHandle, out var from)!, from, loop));
                var rest = await converse(pipe, peer);
                Assert.Same(loop, SynchronizationContext.Current);
                over.SetResult(rest);
            }
            catch (Exception error)
            {
                over.SetException(error);
            }
        }
    }
}
