using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Appliance.Server.Inbound.Connections;

/// <summary>Linux's sched_setaffinity(2): which processors threads may run on.</summary>
internal static partial class Processors
{
    public const int CallingThread = 0;
    private const string Threads = "/proc/self/task";
    private const int MaskWords = 16; // cpu_set_t
    private const int BitsOfWord = 64;

    private static readonly ConcurrentDictionary<int, bool> Staying = new(); // by the thread's number

    /// <summary>Those that the calling thread may run on, ascending; none when the system does not tell.</summary>
    public static IReadOnlyList<int> Allowed()
    {
        Span<ulong> mask = stackalloc ulong[MaskWords];
        mask.Clear();
        if (sched_getaffinity(CallingThread, SizeOf(mask), MemoryMarshal.AsBytes(mask)) < 0)
            return [];
        var allowed = new List<int>();
        for (var processor = 0; processor < MaskWords * BitsOfWord; processor++)
            if ((mask[processor / BitsOfWord] & Bit(processor)) != 0)
                allowed.Add(processor);
        return allowed;
    }

    /// <summary><see cref="Free"/> finds the threads of this process.</summary>
    public static bool CanFree => Directory.Exists(Threads);

    /// <summary>Has the calling thread do its work on one processor only, if the system lets it. A thread that it starts inherits that: see <see cref="Free"/>.</summary>
    public static void Stay(int processor, Action work)
    {
        var thread = gettid();
        Staying[thread] = true;
        try
        {
            Confine(CallingThread, [processor]);
            work();
        }
        finally
        {
            Staying.TryRemove(thread, out _);
        }
    }

    /// <summary>Gives this process's threads that run on one processor only all of <paramref name="allowed"/> back, but for those that <see cref="Stay"/>; as far as it finds them.</summary>
    public static void Free(IReadOnlyList<int> allowed)
    {
        Span<ulong> mask = stackalloc ulong[MaskWords];
        try
        {
            foreach (var path in Directory.EnumerateDirectories(Threads))
            {
                var thread = int.Parse(Path.GetFileName(path.AsSpan()), CultureInfo.InvariantCulture);
                mask.Clear();
                if (!Staying.ContainsKey(thread) && sched_getaffinity(thread, SizeOf(mask), MemoryMarshal.AsBytes(mask)) >= 0 && IsOne(mask))
                    Confine(thread, allowed);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Perhaps no more files may be open.
        }
    }

    /// <summary>Has a thread run on these only, if the system lets it.</summary>
    public static void Confine(int thread, IReadOnlyList<int> processors)
    {
        Span<ulong> mask = stackalloc ulong[MaskWords];
        mask.Clear();
        foreach (var processor in processors)
            mask[processor / BitsOfWord] |= Bit(processor);
        _ = sched_setaffinity(thread, SizeOf(mask), MemoryMarshal.AsBytes(mask));
    }

    private static bool IsOne(ReadOnlySpan<ulong> mask)
    {
        var count = 0;
        foreach (var word in mask)
            count += (int)ulong.PopCount(word);
        return count == 1;
    }

    private static ulong Bit(int processor) => 1UL << (processor % BitsOfWord);

    private static nuint SizeOf(ReadOnlySpan<ulong> mask) => (nuint)(mask.Length * sizeof(ulong));

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int sched_getaffinity(int thread, nuint length, Span<byte> mask);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int sched_setaffinity(int thread, nuint length, ReadOnlySpan<byte> mask);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int gettid();
}
