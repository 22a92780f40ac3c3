using System.IO.Pipelines;
using System.Net.Sockets;

namespace Appliance.Server.Inbound.Connections;

/// <summary>A connection's two directions, read and written by a session that may have a thread to itself.</summary>
internal sealed class SocketPipe(Socket socket, SessionThread thread) : IDuplexPipe, IDisposable
{
    private readonly SocketReader _input = new(socket, thread);
    private readonly SocketWriter _output = new(socket, thread);

    public PipeReader Input => _input;

    public PipeWriter Output => _output;

    public void Dispose()
    {
        _input.Complete();
        _output.Complete();
        socket.Dispose();
    }

    public static IOException Broken(SocketException error) => new("The connection broke: " + error.Message, error);
}
