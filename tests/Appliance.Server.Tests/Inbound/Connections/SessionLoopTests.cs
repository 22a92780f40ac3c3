using System.Net;
using System.Net.Sockets;
using Appliance.Server.Inbound.Connections;

namespace Appliance.Server.Tests.Inbound.Connections;

public sealed class SessionLoopTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task What_a_session_awaits_comes_back_to_the_loop()
    {
        if (Start() is not { } loop)
            return; // not on this system
        using (loop)
        {
            var there = await InAsync(loop, async () =>
            {
                var contexts = new List<SynchronizationContext?>();
                await Task.Delay(10);
                contexts.Add(SynchronizationContext.Current);
                await Task.Run(() => { });
                contexts.Add(SynchronizationContext.Current);
                return contexts;
            });
            Assert.Equal([loop, loop], there);
        }
    }

    [Fact]
    public async Task Nothing_that_is_posted_is_forgotten_while_its_thread_falls_asleep()
    {
        if (Start() is not { } loop)
            return;
        using (loop)
            for (var round = 0; round < 20_000; round++)
            {
                // One at a time, and sometimes two, so that the thread sleeps in between.
                var first = InAsync(loop, () => Task.FromResult(1));
                var second = round % 3 == 0 ? InAsync(loop, () => Task.FromResult(2)) : Task.FromResult(2);
                Assert.Equal(3, await first.WaitAsync(Patience) + await second.WaitAsync(Patience));
            }
    }

    [Fact]
    public async Task Sessions_that_always_have_more_to_do_keep_nobody_from_being_heard()
    {
        if (Start() is not { } loop)
            return;
        using var _ = loop;
        var (listener, isOver, turns) = (new Socket(SocketType.Stream, ProtocolType.Tcp), false, 0);
        listener.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        listener.Listen();
        using var peer = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        using var pipe = Accept(listener, loop).Pipe;
        listener.Dispose();
        var heard = InAsync(loop, async () => (await pipe.Input.ReadAsync()).Buffer.Length);
        for (var busy = 0; busy < 4; busy++)
            loop.Post(GoOn, null);
        while (Volatile.Read(ref turns) < 1000)
            await Task.Yield();
        await peer.SendAsync("NOOP"u8.ToArray(), TestContext.Current.CancellationToken);
        try
        {
            Assert.Equal(4, await heard.WaitAsync(Patience));
        }
        finally
        {
            Volatile.Write(ref isOver, true);
        }

        void GoOn(object? state)
        {
            Interlocked.Increment(ref turns);
            if (!Volatile.Read(ref isOver))
                loop.Post(GoOn, null);
        }
    }

    [Fact]
    public async Task Gathered_steps_come_after_all_others_and_each_stage_of_theirs_together()
    {
        if (Start() is not { } loop)
            return;
        using var _ = loop;
        const int others = 40; // more than it takes without looking who has spoken
        var order = new List<string>();
        await InAsync(loop, async () =>
        {
            for (var i = 0; i < others; i++)
                loop.Post(_ => order.Add("other"), null);
            await Task.WhenAll(StagesAsync("a"), StagesAsync("b"), StagesAsync("c"));
            return 0;
        }).WaitAsync(Patience);
        Assert.Equal([.. Enumerable.Repeat("other", others), "a1", "b1", "c1", "a2", "b2", "c2"], order);

        async Task StagesAsync(string name)
        {
            await SessionLoop.Gather();
            order.Add(name + "1");
            await SessionLoop.Gather();
            order.Add(name + "2");
        }
    }

    [Fact]
    public async Task Steps_that_are_gathered_only_beside_others_go_on_at_once_where_those_are_fewer()
    {
        if (Start() is not { } loop)
            return;
        using var _ = loop;
        Assert.Equal(["a", "b", "end", "c"], await InAsync(loop, async () =>
        {
            var order = new List<string>();
            var all = Task.WhenAll(AddAsync("a", others: 1), WaitAsync(), AddAsync("b", others: 2), AddAsync("c", others: 1));
            order.Add("end");
            await all;
            return order;

            async Task WaitAsync() => await SessionLoop.Gather();

            async Task AddAsync(string name, int others)
            {
                await SessionLoop.Gather(others);
                order.Add(name);
            }
        }).WaitAsync(Patience));
    }

    [Fact]
    public async Task Gathered_steps_come_though_there_is_always_something_else()
    {
        if (Start() is not { } loop)
            return;
        using var _ = loop;
        var isOver = false;
        loop.Post(GoOn, null);
        try
        {
            Assert.Equal(loop, await InAsync(loop, async () =>
            {
                await SessionLoop.Gather();
                return SynchronizationContext.Current;
            }).WaitAsync(Patience));
        }
        finally
        {
            Volatile.Write(ref isOver, true);
        }

        void GoOn(object? state)
        {
            if (!Volatile.Read(ref isOver))
                loop.Post(GoOn, null);
        }
    }

    [Fact]
    public async Task Gathered_steps_go_on_when_the_loop_has_ended()
    {
        if (Start() is not { } loop)
            return;
        const int all = 100; // more than it takes in a row
        await InAsync(loop, async () =>
        {
            loop.Post(_ => loop.Dispose(), null);
            await Task.WhenAll(Enumerable.Range(0, all).Select(async _ => await SessionLoop.Gather()));
            return 0;
        }).WaitAsync(Patience);
    }

    [Fact]
    public async Task Who_sends_faster_than_is_read_gives_way_to_others()
    {
        if (Start() is not { } loop)
            return;
        using var _ = loop;
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 400_000 };
        listener.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        listener.Listen();
        using var peer = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        var (accepted, handle) = Accept(listener, loop);
        using var pipe = accepted;
        using var socket = new Socket(new SafeSocketHandle(handle.DangerousGetHandle(), ownsHandle: false));
        var sending = Task.Run(() => peer.Send(new byte[400_000]));
        Assert.True(SpinWait.SpinUntil(() => socket.Available >= 150_000, Patience));

        var isHeard = false;
        Assert.True(await InAsync(loop, async () =>
        {
            loop.Post(_ => isHeard = true, null);
            for (var left = 100_000L; left > 0;)
            {
                var read = await pipe.Input.ReadAsync();
                left -= read.Buffer.Length;
                pipe.Input.AdvanceTo(read.Buffer.End);
            }
            return isHeard;
        }).WaitAsync(Patience));
        await sending;
    }

    [Fact]
    public async Task What_still_comes_when_it_has_ended_goes_on_in_the_thread_pool()
    {
        if (Start() is not { } loop)
            return;
        var hasBegun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var going = InAsync(loop, async () =>
        {
            hasBegun.SetResult();
            await late.Task;
            return SynchronizationContext.Current;
        });
        await hasBegun.Task.WaitAsync(Patience);
        loop.Dispose();
        loop.Dispose();
        late.SetResult();
        Assert.Null(await going.WaitAsync(Patience));
        Assert.Equal(1, await InAsync(loop, () => Task.FromResult(1)).WaitAsync(Patience));
    }

    private static SessionLoop? Start() => OperatingSystem.IsLinux() ? new SessionLoop() : null;

    private static (SocketPipe Pipe, LinuxSocket Socket) Accept(Socket listener, SessionLoop loop)
    {
        var socket = LinuxSocket.Accept(listener.SafeHandle, out var peer)!;
        return (new SocketPipe(new LoopConnection(socket, peer, loop)), socket);
    }

    private static Task<T> InAsync<T>(SessionLoop loop, Func<Task<T>> step)
    {
        var over = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(_ => _ = RunAsync(), null);
        return over.Task;

        async Task RunAsync() => over.SetResult(await step());
    }
}
