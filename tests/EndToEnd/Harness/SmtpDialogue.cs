using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Appliance.EndToEnd.Harness;

/// <summary>A line that says exactly the bytes it is given: for what no honest mail program sends.</summary>
public sealed class SmtpDialogue : IAsyncDisposable
{
    private readonly TcpClient _client;
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(30));
    private Stream _line = Stream.Null; // a closed connection gives none
    private StreamReader _replies = StreamReader.Null;

    private SmtpDialogue(IPAddress from) => _client = new TcpClient(new IPEndPoint(from, 0));

    /// <summary>Connects and reads the greeting.</summary>
    /// <param name="from">An address of this machine, such as 127.0.0.5.</param>
    /// <param name="preamble">Said before the greeting.</param>
    public static async Task<SmtpDialogue> OpenAsync(IPEndPoint mx, IPAddress? from = null, byte[]? preamble = null)
    {
        var dialogue = new SmtpDialogue(from ?? IPAddress.Loopback);
        await dialogue._client.ConnectAsync(mx, dialogue._deadline.Token);
        dialogue._line = dialogue._client.GetStream();
        if (preamble is not null)
            await dialogue._line.WriteAsync(preamble, dialogue._deadline.Token);
        dialogue._replies = new StreamReader(dialogue._line, Encoding.UTF8);
        dialogue.Greeting = await dialogue.ReplyAsync();
        return dialogue;
    }

    /// <summary>The first line that the server said; empty when it closed the line without a word.</summary>
    public string Greeting { get; private set; } = "";

    /// <summary>Sends a command line and returns the last line of its reply.</summary>
    public Task<string> SayAsync(string line) => SayBytesAsync(Encoding.UTF8.GetBytes(line + "\r\n"));

    public async Task<string> SayBytesAsync(byte[] bytes)
    {
        await _line.WriteAsync(bytes, _deadline.Token);
        return await ReplyAsync();
    }

    /// <summary>Sends what has no answer yet, as it is.</summary>
    public async Task SendAsync(string text) => await _line.WriteAsync(Encoding.UTF8.GetBytes(text), _deadline.Token);

    /// <summary>The code of the next reply, or null when the peer closed the line.</summary>
    public async Task<int?> NextCodeAsync() =>
        await ReplyAsync() is { Length: >= 3 } reply ? int.Parse(reply.AsSpan(0, 3), CultureInfo.InvariantCulture) : null;

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        _deadline.Dispose();
        return ValueTask.CompletedTask;
    }

    // RFC 5321 §4.2.1: every line but the last has a hyphen behind the code.
    private async Task<string> ReplyAsync()
    {
        while (await _replies.ReadLineAsync(_deadline.Token) is { } line)
            if (line.Length < 4 || line[3] != '-')
                return line;
        return "";
    }
}
