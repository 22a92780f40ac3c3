using Appliance.Server.Inbound.Connections;

namespace Appliance.Server.Tests.Inbound.Connections;

public sealed class SessionThreadTests
{
    [Fact]
    public async Task A_session_stays_on_its_thread_whatever_it_waits_for()
    {
        var there = new List<bool>();
        var caller = await OnThreadOfItsOwnAsync(async thread =>
        {
            there.Add(thread.MayBlock);
            await Task.Delay(10);
            there.Add(thread.MayBlock);
            await Task.Run(() => { });
            there.Add(thread.MayBlock);
            await Task.Delay(1).ConfigureAwait(false);
            there.Add(thread.MayBlock); // it asked for another
        });
        Assert.Equal([true, true, true, false], there);
        Assert.NotEqual(Environment.CurrentManagedThreadId, caller);
    }

    [Fact]
    public async Task Who_leaves_goes_on_elsewhere_and_the_thread_is_free()
    {
        var isFree = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isOver = new TaskCompletionSource<(int, bool)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var lent = await OnThreadOfItsOwnAsync(async thread =>
        {
            thread.Leave();
            Assert.False(thread.MayBlock);
            await isFree.Task;
            isOver.SetResult((Environment.CurrentManagedThreadId, thread.MayBlock));
        });
        isFree.SetResult();
        var (went, mayBlock) = await isOver.Task;
        Assert.NotEqual(lent, went);
        Assert.False(mayBlock);
    }

    [Fact]
    public async Task What_comes_after_its_end_runs_in_the_thread_pool()
    {
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task left = Task.CompletedTask;
        await OnThreadOfItsOwnAsync(_ =>
        {
            left = LeftBehindAsync();
            return Task.CompletedTask;
        });
        late.SetResult();
        await left;

        async Task LeftBehindAsync() => await late.Task;
    }

    [Fact]
    public async Task An_error_ends_the_session_and_not_the_thread() =>
        await OnThreadOfItsOwnAsync(_ => throw new InvalidOperationException("of this session"));

    /// <returns>The thread it was.</returns>
    private static async Task<int> OnThreadOfItsOwnAsync(Func<SessionThread, Task> session)
    {
        var over = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                SessionThread.Run(session);
                Assert.Null(SynchronizationContext.Current);
                over.SetResult(Environment.CurrentManagedThreadId);
            }
            catch (Exception error)
            {
                over.SetException(error);
            }
        }) { IsBackground = true }.Start();
        return await over.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
