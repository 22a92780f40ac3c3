using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Appliance.EndToEnd.Traffic;

/// <param name="Mail">The MAIL command.</param>
/// <param name="Recipients">The RCPT commands.</param>
/// <param name="Bytes">Dots unstuffed.</param>
internal sealed record SunkMessage(string Mail, IReadOnlyList<string> Recipients, byte[] Bytes);

/// <summary>A server that takes everything, for tests of the senders themselves.</summary>
internal sealed class SmtpSink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _accepting;

    public SmtpSink()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    public ConcurrentQueue<SunkMessage> Messages { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (true)
                sessions.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_ended.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        await using var stream = new BufferedStream(client.GetStream());
        var mail = "";
        var recipients = new List<string>();
        await SayAsync("220 sink");
        while (await LineAsync() is { } line)
        {
            var command = Encoding.UTF8.GetString(line).TrimEnd();
            switch (command.Split(' ')[0].ToUpperInvariant())
            {
                case "EHLO":
                    await SayAsync("250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8");
                    continue;
                case "MAIL":
                    mail = command;
                    recipients.Clear();
                    break;
                case "RCPT":
                    recipients.Add(command);
                    break;
                case "DATA":
                    await SayAsync("354 go on");
                    Messages.Enqueue(new SunkMessage(mail, [.. recipients], await DataAsync()));
                    break;
                case "QUIT":
                    await SayAsync("221 bye");
                    return;
            }
            await SayAsync("250 ok");
        }

        async Task SayAsync(string reply)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(reply + "\r\n"), _ended.Token);
            await stream.FlushAsync(_ended.Token);
        }

        async Task<byte[]> DataAsync()
        {
            var data = new MemoryStream();
            while (await LineAsync() is { } line && !line.AsSpan().SequenceEqual(".\r\n"u8))
                data.Write(line.AsSpan(line[0] == '.' ? 1 : 0));
            return data.ToArray();
        }

        async Task<byte[]?> LineAsync()
        {
            var line = new MemoryStream();
            var one = new byte[1];
            while (await stream.ReadAsync(one, _ended.Token) == 1)
            {
                line.WriteByte(one[0]);
                if (one[0] == '\n')
                    return line.ToArray();
            }
            return null;
        }
    }
}
