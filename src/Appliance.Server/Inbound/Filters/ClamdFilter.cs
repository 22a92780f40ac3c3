using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound.Filters;

internal enum ClamdWord
{
    Clean,
    Virus,

    /// <summary>Longer than it takes (its StreamMaxLength): not looked at.</summary>
    TooLong,

    /// <summary>It did not answer in time, or not sensibly.</summary>
    Absent,
}

/// <param name="Virus">Its name for what it found.</param>
internal sealed record ClamdAnswer(ClamdWord Word, string? Virus = null);

/// <summary>Asks clamd (clamd(8), <c>INSTREAM</c>) about a message while it is in memory.</summary>
internal sealed class ClamdFilter(IOptions<FilterOptions> options)
{
    private const int MostAnswerBytes = 4096;
    private static readonly ClamdAnswer Absent = new(ClamdWord.Absent);

    public bool IsOn => options.Value.Clamd.Length > 0;

    public async Task<ClamdAnswer> AskAsync(ReadOnlySequence<byte> message, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(options.Value.TimeoutSeconds));
        try
        {
            using var socket = await ConnectAsync(deadline.Token);
            await using var stream = new NetworkStream(socket);
            var answer = ReadAsync(stream, deadline.Token);
            try
            {
                await SendAsync(stream, message, deadline.Token);
            }
            catch (IOException)
            {
                // It may have had enough, and says so.
            }
            return Understand(await answer);
        }
        catch (Exception failed) when (failed is SocketException or IOException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Absent;
        }
    }

    /// <summary>Its version, or null when it does not answer.</summary>
    public async Task<string?> VersionAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(options.Value.TimeoutSeconds));
        try
        {
            using var socket = await ConnectAsync(deadline.Token);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync("zVERSION\0"u8.ToArray(), deadline.Token);
            return await ReadAsync(stream, deadline.Token) is { Length: > 0 } version ? version : null;
        }
        catch (Exception failed) when (failed is SocketException or IOException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    internal static bool TryParseHost(string written, [NotNullWhen(true)] out string? host, out int port)
    {
        var colon = written.LastIndexOf(':');
        host = colon > 0 ? written[..colon].Trim('[', ']') : null;
        port = 0;
        return host is not null && int.TryParse(written.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535;
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var isHost = TryParseHost(options.Value.Clamd, out var host, out var port) && !Path.IsPathRooted(options.Value.Clamd);
        var socket = isHost ? new Socket(SocketType.Stream, ProtocolType.Tcp) : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (isHost)
                await socket.ConnectAsync(host!, port, cancellationToken);
            else
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(options.Value.Clamd), cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task SendAsync(NetworkStream stream, ReadOnlySequence<byte> message, CancellationToken cancellationToken)
    {
        await stream.WriteAsync("zINSTREAM\0"u8.ToArray(), cancellationToken);
        var length = new byte[sizeof(int)];
        foreach (var piece in message)
        {
            if (piece.IsEmpty)
                continue; // an empty chunk is the end
            BinaryPrimitives.WriteInt32BigEndian(length, piece.Length);
            await stream.WriteAsync(length, cancellationToken);
            await stream.WriteAsync(piece, cancellationToken);
        }
        await stream.WriteAsync(new byte[sizeof(int)], cancellationToken);
    }

    /// <summary>Up to the null that ends an answer to a <c>z</c> command.</summary>
    private static async Task<string> ReadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[MostAnswerBytes];
        var length = 0;
        while (length < buffer.Length && await stream.ReadAsync(buffer.AsMemory(length), cancellationToken) is > 0 and var read)
        {
            length += read;
            if (buffer.AsSpan(0, length).IndexOf((byte)0) is >= 0 and var end)
                return Encoding.UTF8.GetString(buffer, 0, end);
        }
        return "";
    }

    private static ClamdAnswer Understand(string answer) =>
        answer == "stream: OK" ? new ClamdAnswer(ClamdWord.Clean)
        : answer.StartsWith("stream: ", StringComparison.Ordinal) && answer.EndsWith(" FOUND", StringComparison.Ordinal) ? new ClamdAnswer(ClamdWord.Virus, answer[8..^6])
        : answer.Contains("size limit exceeded", StringComparison.OrdinalIgnoreCase) ? new ClamdAnswer(ClamdWord.TooLong)
        : Absent;
}
