using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Appliance.Server.Inbound.Connections;

/// <summary>Linux's epoll(7): has threads wait for any of many files, and tells one of them what has happened.</summary>
internal sealed partial class Epoll : IDisposable
{
    /// <summary>The token that <see cref="Wait"/> gives when it was woken.</summary>
    public const ulong Woken = ulong.MaxValue;

    private const int CloseOnExec = 0x80000; // EPOLL_CLOEXEC and EFD_CLOEXEC
    private const int AddFile = 1; // EPOLL_CTL_ADD
    private const int ModifyFile = 3; // EPOLL_CTL_MOD
    private const uint In = 0x1;
    private const uint Out = 0x4;
    private const uint Error = 0x8;
    private const uint HangUp = 0x10;
    private const uint ReadHangUp = 0x2000;
    private const uint OneShot = 1u << 30;
    private const uint EdgeTriggered = 1u << 31;
    private const int Interrupted = 4; // EINTR

    // struct epoll_event, a uint and a ulong, is packed on x86-64, and there only.
    private static readonly int DataAt = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? sizeof(uint) : sizeof(ulong);
    private static readonly int EventLength = DataAt + sizeof(ulong);

    private readonly SafeFileHandle _epoll;
    private readonly SafeFileHandle _wake; // each write to it is told, so nobody has to read it

    /// <exception cref="IOException">The system has no more files.</exception>
    public Epoll()
    {
        _epoll = new SafeFileHandle(Checked(epoll_create1(CloseOnExec)), ownsHandle: true);
        _wake = new SafeFileHandle(Checked(eventfd(0, CloseOnExec)), ownsHandle: true);
        Add(_wake, Woken);
    }

    /// <summary>Each time more can be read from <paramref name="file"/> than before, one thread is told, until it is closed; also when it has ended or is broken.</summary>
    /// <exception cref="IOException">The system has no room for it.</exception>
    public void Add(SafeHandle file, ulong token) => Control(AddFile, file, In | ReadHangUp | EdgeTriggered, token);

    /// <summary>One thread is told, once, that <paramref name="file"/> can be read, or written.</summary>
    /// <param name="file">Not known by <see cref="Add"/>.</param>
    /// <param name="forSending">Written.</param>
    /// <param name="isKnown">It was asked about before.</param>
    /// <param name="token">What is told.</param>
    /// <exception cref="IOException">The system has no room for it.</exception>
    public void AskOnce(SafeHandle file, bool forSending, bool isKnown, ulong token) =>
        Control(isKnown ? ModifyFile : AddFile, file, (forSending ? Out : In) | OneShot, token);

    /// <summary>Has one thread return from <see cref="Wait"/>, or the next that waits.</summary>
    public void Wake()
    {
        var one = 1UL;
        try
        {
            write(_wake, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in one)), sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
        }
    }

    /// <summary>What has happened.</summary>
    /// <param name="found">Room for it.</param>
    /// <param name="isPatient">Blocks until something has, or it is woken.</param>
    /// <returns>How many of <paramref name="found"/> were filled.</returns>
    public int Wait(Span<FileEvent> found, bool isPatient)
    {
        Span<byte> events = stackalloc byte[found.Length * EventLength];
        int count;
        while ((count = epoll_wait(_epoll, events, found.Length, isPatient ? -1 : 0)) < 0)
            if (Marshal.GetLastPInvokeError() != Interrupted)
                throw LastError();
        for (var i = 0; i < count; i++)
        {
            var one = events[(i * EventLength)..];
            found[i] = new FileEvent(MemoryMarshal.Read<ulong>(one[DataAt..]), (MemoryMarshal.Read<uint>(one) & (Error | HangUp | ReadHangUp)) != 0);
        }
        return count;
    }

    public void Dispose()
    {
        _epoll.Dispose();
        _wake.Dispose();
    }

    private void Control(int operation, SafeHandle file, uint events, ulong token)
    {
        Span<byte> asked = stackalloc byte[EventLength];
        asked.Clear();
        MemoryMarshal.Write(asked, events);
        MemoryMarshal.Write(asked[DataAt..], token);
        Checked(epoll_ctl(_epoll, operation, file, asked));
    }

    private static int Checked(int result) => result >= 0 ? result : throw LastError();

    private static IOException LastError() => new(new Win32Exception(Marshal.GetLastPInvokeError()).Message);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int epoll_ctl(SafeFileHandle epoll, int operation, SafeHandle file, Span<byte> asked);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int epoll_wait(SafeFileHandle epoll, Span<byte> events, int most, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint write(SafeFileHandle file, ReadOnlySpan<byte> content, nuint length);
}

/// <param name="Token">Of the file.</param>
/// <param name="HasEnded">Nothing more will come, or it is broken.</param>
internal readonly record struct FileEvent(ulong Token, bool HasEnded);
