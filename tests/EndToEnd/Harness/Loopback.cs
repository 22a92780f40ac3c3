using System.Net;
using System.Net.Sockets;

namespace Appliance.EndToEnd.Harness;

/// <summary>Ports of this machine for servers of others, which cannot be asked for a free one.</summary>
public static class Loopback
{
    /// <summary>A free port. Nobody else takes it before the server does, as tests run one after the other.</summary>
    public static IPEndPoint FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
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
