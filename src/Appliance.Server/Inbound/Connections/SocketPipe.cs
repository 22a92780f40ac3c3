using System.IO.Pipelines;
using System.Net.Sockets;

namespace Appliance.Server.Inbound.Connections;

/// <summary>A connection's two directions, read and written by a session.</summary>
internal sealed class SocketPipe(Socket socket, SessionLoop? loop) : IDuplexPipe, IDisposable
{
    private readonly SocketReader _input = new(socket, loop);
    private readonly SocketWriter _output = new(socket, mayBlock: loop is null);

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
