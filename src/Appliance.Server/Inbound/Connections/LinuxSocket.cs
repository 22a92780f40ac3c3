using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Appliance.Server.Inbound.Connections;

/// <summary>A TCP connection by Linux's own calls, which never blocks. .NET's <see cref="Socket"/> makes two more of them for each, and carries what waiting in the thread pool needs.</summary>
internal sealed partial class LinuxSocket() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    private const int NeverBlocks = 0x800; // SOCK_NONBLOCK
    private const int CloseOnExec = 0x80000; // SOCK_CLOEXEC
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL
    private const int DuplicateCloseOnExec = 1030; // F_DUPFD_CLOEXEC
    private const int Interrupted = 4; // EINTR
    private const int WouldBlock = 11; // EAGAIN
    private const int Aborted = 103; // ECONNABORTED
    private const int LongestAddress = 28; // struct sockaddr_in6

    /// <param name="listener">That does not block.</param>
    /// <param name="peer">Who it is.</param>
    /// <returns>Null: whoever it was has gone again.</returns>
    /// <exception cref="IOException">Perhaps no more files may be open.</exception>
    public static LinuxSocket? Accept(SafeSocketHandle listener, out IPEndPoint peer)
    {
        peer = null!;
        Span<byte> address = stackalloc byte[LongestAddress];
        var length = LongestAddress;
        var socket = accept4(listener, address, ref length, NeverBlocks | CloseOnExec);
        if (!socket.IsInvalid)
        {
            peer = EndPointOf(address[..length]);
            return socket;
        }
        var error = Marshal.GetLastPInvokeError();
        socket.Dispose();
        return error is WouldBlock or Interrupted or Aborted ? null : throw new IOException(Marshal.GetPInvokeErrorMessage(error));
    }

    /// <param name="room">Not empty.</param>
    /// <returns>How many bytes it received, 0 at the end; null when there is nothing yet.</returns>
    /// <exception cref="IOException">The connection is broken.</exception>
    public int? Receive(Span<byte> room)
    {
        nint count;
        while ((count = recv(this, room, room.Length, 0)) < 0)
            if (!WasInterrupted())
                return null;
        return (int)count;
    }

    /// <returns>How many bytes the system took.</returns>
    /// <exception cref="IOException">The connection is broken.</exception>
    public int Send(ReadOnlySpan<byte> bytes)
    {
        nint count;
        while ((count = send(this, bytes, bytes.Length, NoSignal)) < 0)
            if (!WasInterrupted())
                return 0;
        return (int)count;
    }

    /// <exception cref="IOException">No more files may be open.</exception>
    public LinuxSocket Duplicate()
    {
        var same = fcntl(this, DuplicateCloseOnExec, 0);
        if (!same.IsInvalid)
            return same;
        var error = Marshal.GetLastPInvokeErrorMessage();
        same.Dispose();
        throw new IOException(error);
    }

    protected override bool ReleaseHandle() => close(handle) == 0;

    /// <returns>False: it would have to wait.</returns>
    private static bool WasInterrupted() => Marshal.GetLastPInvokeError() switch
    {
        Interrupted => true,
        WouldBlock => false,
        var error => throw Connection.Broken(Marshal.GetPInvokeErrorMessage(error)),
    };

    /// <param name="address">A struct sockaddr_in or sockaddr_in6: the family in two bytes, the port, and the address behind nothing or the flow.</param>
    private static IPEndPoint EndPointOf(ReadOnlySpan<byte> address)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        var isSix = address.Length == LongestAddress;
        return new IPEndPoint(isSix ? new IPAddress(address[8..24], MemoryMarshal.Read<uint>(address[24..])) : new IPAddress(address[4..8]), port);
    }

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial LinuxSocket accept4(SafeSocketHandle listener, Span<byte> address, ref int length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint recv(LinuxSocket socket, Span<byte> room, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint send(LinuxSocket socket, ReadOnlySpan<byte> bytes, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial LinuxSocket fcntl(LinuxSocket socket, int command, int least);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int close(nint socket);
}
