using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Appliance.Server.Inbound.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace Appliance.Server.Tests.Inbound.Connections;

public sealed class SessionLoopsTests : IDisposable
{
    private const int Connections = 3; // fewer than one loop leaves to another
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly Version SharesByProcessor = new(6, 2); // Linux

    private readonly IReadOnlyList<int> _processors = OperatingSystem.IsLinux() ? Processors.Allowed() : [];
    private readonly SessionLoops? _loops = SessionLoops.Start();

    public void Dispose() => _loops?.Dispose();

    private bool IsSpread => _loops is not null && _processors.Count > 1 && _processors.Count == Environment.ProcessorCount;

    [Fact]
    public async Task Each_stays_on_a_processor_of_its_own()
    {
        if (_loops is null)
            return; // not on this system
        Assert.Equal(IsSpread ? _processors : [], _loops.All.Select(loop => loop.Processor).OfType<int>());
        foreach (var loop in _loops.All.Where(loop => loop.Processor is not null))
            Assert.Equal([loop.Processor!.Value], await InAsync(loop, Processors.Allowed));
    }

    /// <summary>As those of the pool do that a loop's thread starts: in the native program, where the runtime does not see to it.</summary>
    [Fact]
    public async Task A_thread_that_came_to_be_on_one_processor_may_run_everywhere_soon()
    {
        if (!IsSpread)
            return;
        var isFree = await Task.Factory.StartNew(
            () =>
            {
                Processors.Confine(Processors.CallingThread, [_processors[0]]);
                return SpinWait.SpinUntil(() => Processors.Allowed().SequenceEqual(_processors), Patience);
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Assert.True(isFree);
        Assert.Equal([_processors[0]], await InAsync(_loops!.All[0], Processors.Allowed));
    }

    [Fact]
    public void Who_comes_where_many_are_is_held_where_far_fewer_are()
    {
        if (_loops is null)
            return;
        var (crowded, empty) = (_loops.All[0], _loops.All[1]);
        var sockets = new List<Socket>();
        try
        {
            for (var held = 0; held <= 4; held++)
            {
                Assert.Same(crowded, _loops.For(crowded));
                sockets.Add(new Socket(SocketType.Stream, ProtocolType.Tcp));
                _ = new Readiness(sockets[^1].SafeHandle, crowded);
            }
            Assert.NotSame(crowded, _loops.For(crowded));
            Assert.Same(empty, _loops.For(empty));
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task A_session_is_held_where_its_packets_come()
    {
        if (!IsSpread || Environment.OSVersion.Version < SharesByProcessor)
            return;
        var holders = new Queue<TaskCompletionSource<int?>>();
        using var acceptor = new MailAcceptor(new IPEndPoint(IPAddress.Loopback, 0), HoldAsync, _loops, NullLogger.Instance);
        acceptor.Start();
        var peers = new List<TcpClient>();
        try
        {
            foreach (var processor in _processors)
                for (var connection = 0; connection < Connections; connection++)
                {
                    var held = new TaskCompletionSource<int?>(TaskCreationOptions.RunContinuationsAsynchronously);
                    holders.Enqueue(held);
                    peers.Add(new TcpClient());
                    On(processor, () => peers[^1].Connect(IPAddress.Loopback, acceptor.Port));
                    Assert.Equal(processor, await held.Task.WaitAsync(Patience, TestContext.Current.CancellationToken));
                }
        }
        finally
        {
            peers.ForEach(peer => peer.Dispose());
        }

        async Task HoldAsync(IDuplexPipe pipe, IPEndPoint peer)
        {
            holders.Dequeue().SetResult((SynchronizationContext.Current as SessionLoop)?.Processor);
            await pipe.Input.ReadAsync();
        }
    }

    private static void On(int processor, Action action)
    {
        var thread = new Thread(() => Processors.Stay(processor, action));
        thread.Start();
        thread.Join();
    }

    private static Task<T> InAsync<T>(SessionLoop loop, Func<T> step)
    {
        var over = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(_ => over.SetResult(step()), null);
        return over.Task;
    }
}
