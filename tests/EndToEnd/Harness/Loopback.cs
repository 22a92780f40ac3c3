using System.Net;
using System.Net.Sockets;

namespace Appliance.EndToEnd.Harness;

/// <summary>Ports of this machine for servers of others, which cannot be asked for a free one.</summary>
public static class Loopback
{
    private static int _last = 15_000 + Environment.ProcessId % 10_000;

    /// <summary>A free port, below those that the system hands out by itself and each only once, so that nobody else takes it before the server does.</summary>
    public static IPEndPoint FreePort()
    {
        while (true)
        {
            var port = new IPEndPoint(IPAddress.Loopback, Interlocked.Increment(ref _last));
            try
            {
                using var listener = new TcpListener(port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }

    /// <summary>Whether somebody listens there.</summary>
    public static bool Answers(IPEndPoint address)
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
