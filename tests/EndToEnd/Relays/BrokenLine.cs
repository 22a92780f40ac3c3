using System.Net;
using System.Net.Sockets;

namespace Appliance.EndToEnd.Relays;

/// <summary>A line to a server that breaks: some connections after so many bytes from the client, none of which beyond those arrive; or none gets through at all.</summary>
public sealed class BrokenLine : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly Func<IPEndPoint> _server;
    private readonly Func<int, int?> _breaksAfter;
    private readonly Task _accepting;
    private int _connections;
    private int _open;

    /// <param name="server">Asked for each connection.</param>
    /// <param name="breaksAfter">Given the number of the connection: bytes from the client; null: never.</param>
    public BrokenLine(Func<IPEndPoint> server, Func<int, int?> breaksAfter)
    {
        (_server, _breaksAfter) = (server, breaksAfter);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    public int Broken { get; private set; }

    /// <summary>While it is set, every new connection is closed at once.</summary>
    public bool IsDown { get; set; }

    public int Open => Volatile.Read(ref _open);

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _accepting;
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = CarryAsync(await _listener.AcceptTcpClientAsync(_over.Token), _connections++);
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task CarryAsync(TcpClient client, int number)
    {
        Interlocked.Increment(ref _open);
        try
        {
            using (client)
            {
                if (IsDown)
                    return;
                using var server = new TcpClient();
                await server.ConnectAsync(_server(), _over.Token);
                var (near, far) = (client.GetStream(), server.GetStream());
                await Task.WhenAny(CopyAsync(near, far, _breaksAfter(number)), CopyAsync(far, near, null));
            }
        }
        catch (Exception end) when (end is IOException or SocketException or OperationCanceledException)
        {
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, int? most)
    {
        var buffer = new byte[2048];
        try
        {
            for (int read, all = 0; (read = await from.ReadAsync(buffer, _over.Token)) > 0; await to.WriteAsync(buffer.AsMemory(0, read), _over.Token))
                if ((all += read) > most)
                {
                    Broken++;
                    return;
                }
        }
        catch (Exception end) when (end is IOException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }
}
