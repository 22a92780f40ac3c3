using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Appliance.Mail.Tests.Smtp.Client;

/// <summary>A mail server on a free port of loopback that says to each line what its script says; null closes the line.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, string?> _answer;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _serving;

    /// <param name="answer">To each line, "" being the connection itself; a message is one line.</param>
    public ScriptedServer(Func<string, string?> answer)
    {
        _answer = answer;
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public DnsEndPoint EndPoint => new("127.0.0.1", Port);

    public List<string> Heard { get; } = [];

    /// <summary>A server that takes everything, but for what <paramref name="different"/> says.</summary>
    /// <param name="different">Answers to lines that begin like its keys.</param>
    public static ScriptedServer Agreeable(params (string Line, string? Answer)[] different) => new(line =>
        Array.Find(different, pair => pair.Line.Length == 0 ? line.Length == 0 : line.StartsWith(pair.Line, StringComparison.Ordinal)) is { Line: not null } found ? found.Answer
        : line.Length == 0 ? "220 old.example ESMTP"
        : line.StartsWith("EHLO ", StringComparison.Ordinal) ? "250-old.example\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250 SMTPUTF8"
        : line == "DATA" ? "354 Go on"
        : line == "QUIT" ? null
        : "250 2.0.0 Ok");

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _serving;
        _listener.Stop();
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        var conversations = new List<Task>();
        try
        {
            while (true)
                conversations.Add(ConverseAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        catch (Exception ended) when (ended is OperationCanceledException)
        {
            await Task.WhenAll(conversations);
        }
    }

    private async Task ConverseAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var lines = new StreamReader(stream, Encoding.Latin1);
                var (line, isContent) = ((string?)"", false);
                while (line is not null && _answer(line) is { } said)
                {
                    await stream.WriteAsync(Encoding.Latin1.GetBytes(said + "\r\n"), _end.Token);
                    isContent = line == "DATA" && said.StartsWith("354", StringComparison.Ordinal);
                    line = isContent ? await ReadContentAsync(lines) : await lines.ReadLineAsync(_end.Token);
                    if (line is not null)
                        lock (Heard)
                            Heard.Add(line);
                }
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException)
            {
                // The client left, or the test is over.
            }
        }
    }

    private async Task<string?> ReadContentAsync(StreamReader lines)
    {
        var content = new StringBuilder();
        while (await lines.ReadLineAsync(_end.Token) is { } line)
        {
            if (line == ".")
                return content.ToString();
            content.Append(line).Append("\r\n");
        }
        return null;
    }
}
