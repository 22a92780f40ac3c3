using System.IO.Pipelines;

namespace Appliance.Server.Inbound.Connections;

/// <summary>A connection's two directions, read and written by a session.</summary>
/// <param name="connection">Is closed with it.</param>
internal sealed class SocketPipe(Connection connection) : IDuplexPipe, IDisposable
{
    private readonly SocketReader _input = new(connection);
    private readonly SocketWriter _output = new(connection);

    public PipeReader Input => _input;

    public PipeWriter Output => _output;

    public void Dispose()
    {
        _input.Complete();
        _output.Complete();
        connection.Dispose();
    }
}
