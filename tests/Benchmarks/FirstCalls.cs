using System.Globalization;
using System.Runtime.InteropServices;

namespace Appliance.Benchmarks;

/// <summary>
/// Which functions of another process are called from now on, and by which thread first: each has a breakpoint at its start, which goes once it was met
/// (ptrace(2), x64 Linux).
/// </summary>
internal sealed class FirstCalls
{
    // <sys/ptrace.h>, <sys/wait.h>, <sys/user.h>
    private const int PeekUser = 3, PokeUser = 6, Continue = 7, Detach = 17, Seize = 0x4206, Interrupt = 0x4207;
    private const int TraceNewThreads = 8; // PTRACE_O_TRACECLONE
    private const int InstructionPointer = 16 * sizeof(long);
    private const int AllOfThisThread = 0x60000000, WithoutWaiting = 1; // __WALL | __WNOTHREAD, WNOHANG
    private const int Trap = 5; // SIGTRAP
    private const byte Breakpoint = 0xCC; // int3

    private readonly int _process;
    private readonly IReadOnlySet<long> _starts;
    private readonly long _from;
    private readonly byte[] _code;
    private readonly HashSet<long> _met = [];
    private readonly List<(string Thread, long Start)> _calls = [];
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isStopping;

    private FirstCalls(int process, IReadOnlySet<long> starts)
    {
        (_process, _starts, _from) = (process, starts, starts.Min());
        _code = new byte[starts.Max() - _from + 1];
    }

    /// <param name="process">One that this one may watch: a child, or any for root.</param>
    /// <param name="starts">Addresses of functions in it.</param>
    /// <exception cref="InvalidOperationException">The system does not allow it.</exception>
    public static async Task<FirstCalls> WatchAsync(int process, IReadOnlySet<long> starts)
    {
        var calls = new FirstCalls(process, starts);
        new Thread(calls.Run) { IsBackground = true, Name = "first calls" }.Start(); // who attached must go on
        await calls._begun.Task;
        return calls;
    }

    /// <summary>Leaves the process as it was, and says which they were, in their order, with the thread's name.</summary>
    public async Task<IReadOnlyList<(string Thread, long Start)>> StopAsync()
    {
        _isStopping = true;
        await _ended.Task;
        return _calls;
    }

    private void Run()
    {
        try
        {
            using var memory = new FileStream($"/proc/{_process}/mem", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            InterruptAll(isFirst: true);
            SetBreakpoints(memory);
            _begun.SetResult();
            while (!_isStopping)
                if (Meet(memory, Continue) == 0)
                    Thread.Yield(); // not longer: a thread that is to halt for the collector is signalled again and again, and must get on in between
            Write(memory, _from, _code);
            InterruptAll(isFirst: false);
            while (Meet(memory, Detach) is >= 0 and var thread)
                if (thread == 0)
                    Thread.Yield();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            if (!_begun.TrySetException(error))
                _ended.SetException(error);
        }
        _ended.TrySetResult();
    }

    /// <summary>
    /// All its threads but the first, which must not call anything: where the process is a child, .NET waits for it too, and would hear in our place that this one
    /// stopped. They go on once they are met.
    /// </summary>
    private void InterruptAll(bool isFirst)
    {
        foreach (var folder in Directory.EnumerateDirectories($"/proc/{_process}/task"))
        {
            var thread = int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture);
            if (thread == _process)
                continue;
            if (isFirst && ptrace(Seize, thread, 0, TraceNewThreads) < 0)
                throw new InvalidOperationException($"Process {_process} cannot be watched: run this as root.");
            _ = ptrace(Interrupt, thread, 0, 0);
        }
    }

    private void SetBreakpoints(FileStream memory)
    {
        memory.Position = _from;
        memory.ReadExactly(_code);
        var changed = _code.ToArray();
        foreach (var start in _starts)
            changed[start - _from] = Breakpoint;
        Write(memory, _from, changed);
    }

    /// <summary>Has a thread that stopped go on, or be left alone.</summary>
    /// <returns>Which; 0 when none has, negative when none is watched any more.</returns>
    private int Meet(FileStream memory, int how)
    {
        var thread = waitpid(-1, out var status, AllOfThisThread | WithoutWaiting);
        if (thread > 0 && (status & 0xFF) == 0x7F)
            _ = ptrace(how, thread, 0, IsOurs(memory, thread, status) ? 0 : Signal(status));
        return thread;
    }

    /// <returns>Whether it stopped for us, and not for a signal of its own.</returns>
    private bool IsOurs(FileStream memory, int thread, int status)
    {
        if (status >> 16 != 0)
            return true; // it was asked to stop, or is new, or has started another
        var start = ptrace(PeekUser, thread, InstructionPointer, 0) - 1;
        if (Signal(status) != Trap || !_starts.Contains(start))
            return false;
        if (_met.Add(start))
        {
            Write(memory, start, _code.AsSpan((int)(start - _from), 1));
            _calls.Add((File.ReadAllText($"/proc/{_process}/task/{thread}/comm").TrimEnd(), start));
        }
        _ = ptrace(PokeUser, thread, InstructionPointer, (nint)start);
        return true;
    }

    private static void Write(FileStream memory, long at, ReadOnlySpan<byte> code)
    {
        memory.Position = at;
        memory.Write(code);
    }

    private static int Signal(int status) => (status >> 8) & 0xFF;

    [DllImport("libc", ExactSpelling = true)]
    private static extern nint ptrace(nint request, nint thread, nint address, nint data);

    [DllImport("libc", ExactSpelling = true)]
    private static extern int waitpid(int thread, out int status, int options);
}
