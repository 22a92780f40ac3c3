using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using Appliance.Mail.Addresses;

namespace Appliance.Mail.Smtp.Client;

/// <summary>
/// One conversation with another mail server, as its client (RFC 5321). It goes over TLS when the server has STARTTLS, whoever the certificate says it is (RFC 7435): that keeps those out
/// who only listen. Deadlines are the caller's tokens. What breaks the conversation is an <see cref="IOException"/> or a <see cref="SocketException"/>; then it can only be disposed.
/// </summary>
public sealed class SmtpClientSession : IAsyncDisposable
{
    private const int BufferBytes = 32_768;

    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\r\n");

    private readonly byte[] _output = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private readonly HashSet<string> _extensions = new(StringComparer.OrdinalIgnoreCase);
    private Stream _stream;
    private SmtpReplyReader _replies;
    private int _written;
    private bool _isDisposed;

    private SmtpClientSession(Stream stream) => (_stream, _replies) = (stream, new SmtpReplyReader(stream));

    /// <summary>What the server calls itself.</summary>
    public string ServerName { get; private set; } = "";

    public bool IsOverTls => _stream is SslStream;

    /// <summary>Connects, greets, and goes over to TLS where it can.</summary>
    /// <param name="server">Of several addresses of a name, each is tried.</param>
    /// <param name="clientName">What we call ourselves.</param>
    public static async Task<SmtpClientSession> OpenAsync(DnsEndPoint server, string clientName, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(server, clientName, mayUseTls: true, cancellationToken);
        }
        // In clear is what a server without STARTTLS gets too.
        catch (AuthenticationException)
        {
            return await OpenAsync(server, clientName, mayUseTls: false, cancellationToken);
        }
    }

    /// <summary>Whether EHLO named the extension.</summary>
    public bool Has(string extension) => _extensions.Contains(extension);

    /// <summary>MAIL, with the parameters that the server knows.</summary>
    public Task<SmtpReply> MailAsync(SmtpSender sender, CancellationToken cancellationToken) => SayAsync(
        $"MAIL FROM:{sender.Path}"
        + (sender.DeclaredBytes is { } size && Has("SIZE") ? $" SIZE={size}" : "")
        + (sender.Is8Bit && Has("8BITMIME") ? " BODY=8BITMIME" : "")
        + (sender.IsUtf8 && Has("SMTPUTF8") ? " SMTPUTF8" : ""),
        cancellationToken);

    public Task<SmtpReply> RcptAsync(SmtpPath recipient, CancellationToken cancellationToken) => SayAsync($"RCPT TO:{recipient}", cancellationToken);

    /// <summary>DATA and the message, its dots doubled (RFC 5321 §4.5.2); when DATA is refused, that answer.</summary>
    /// <param name="parts">One after the other. Every line ends with CRLF; the last may lack it.</param>
    public async Task<SmtpReply> DataAsync(IReadOnlyList<ReadOnlySequence<byte>> parts, CancellationToken cancellationToken)
    {
        var answer = await SayAsync("DATA", cancellationToken);
        if (answer.Code >= 400)
            return answer;
        if (answer.Code != 354)
            throw new IOException($"It answers DATA with {answer.Code}");
        var startsLine = true;
        foreach (var part in parts)
            foreach (var piece in part)
                for (var rest = piece; !rest.IsEmpty;)
                {
                    if (startsLine && rest.Span[0] == '.')
                        await WriteAsync("."u8.ToArray(), cancellationToken);
                    var lineEnd = rest.Span.IndexOf((byte)'\n');
                    startsLine = lineEnd >= 0;
                    var line = startsLine ? rest[..(lineEnd + 1)] : rest;
                    await WriteAsync(line, cancellationToken);
                    rest = rest[line.Length..];
                }
        await WriteAsync(startsLine ? ".\r\n"u8.ToArray() : "\r\n.\r\n"u8.ToArray(), cancellationToken);
        await FlushAsync(cancellationToken);
        return await _replies.ReadAsync(cancellationToken);
    }

    /// <summary>Takes leave, without waiting for the answer.</summary>
    public async Task QuitAsync(CancellationToken cancellationToken)
    {
        await WriteAsync("QUIT\r\n"u8.ToArray(), cancellationToken);
        await FlushAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return; // the buffer may be another's by now
        _isDisposed = true;
        CryptographicOperations.ZeroMemory(_output);
        ArrayPool<byte>.Shared.Return(_output);
        await _stream.DisposeAsync();
    }

    private static async Task<SmtpClientSession> OpenAsync(DnsEndPoint server, string clientName, bool mayUseTls, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var session = new SmtpClientSession(await ConnectAsync(socket, server, cancellationToken));
        try
        {
            if (await session._replies.ReadAsync(cancellationToken) is { Code: not 220 } greeting)
                throw new IOException($"It greets with {greeting.Code} {greeting.Enhanced}");
            await session.HelloAsync(clientName, cancellationToken);
            if (mayUseTls && session.Has("STARTTLS") && (await session.SayAsync("STARTTLS", cancellationToken)).Code == 220)
            {
                await session.StartTlsAsync(server.Host, cancellationToken);
                await session.HelloAsync(clientName, cancellationToken); // RFC 3207 §4.2: what it said before may not be its own
            }
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    private static async Task<NetworkStream> ConnectAsync(Socket socket, DnsEndPoint server, CancellationToken cancellationToken)
    {
        try
        {
            await socket.ConnectAsync(server, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task HelloAsync(string clientName, CancellationToken cancellationToken)
    {
        _extensions.Clear();
        var answer = await SayAsync($"EHLO {clientName}", cancellationToken);
        if (answer.IsPermanent)
            answer = await SayAsync($"HELO {clientName}", cancellationToken); // RFC 5321 §3.2
        if (!answer.IsPositive)
            throw new IOException($"It answers EHLO with {answer.Code} {answer.Enhanced}");
        var lines = answer.Text.Split('\n');
        ServerName = FirstWordOf(lines[0]);
        foreach (var line in lines.Skip(1))
            _extensions.Add(FirstWordOf(line));
    }

    [SuppressMessage("Security", "CA5359:Do Not Disable Certificate Validation", Justification = "Nothing says which name to expect; in clear would be the other choice.")]
    private async Task StartTlsAsync(string host, CancellationToken cancellationToken)
    {
        if (_replies.HasMore)
            throw new IOException("It said more in clear behind its answer to STARTTLS");
        var tls = new SslStream(_stream);
        (_stream, _replies) = (tls, new SmtpReplyReader(tls));
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = IPAddress.TryParse(host, out _) ? "" : host, RemoteCertificateValidationCallback = (_, _, _, _) => true }, cancellationToken);
    }

    private async Task<SmtpReply> SayAsync(string command, CancellationToken cancellationToken)
    {
        if (command.AsSpan().ContainsAny(LineEnds))
            throw new ArgumentException("A command is one line.", nameof(command));
        await WriteAsync(Encoding.UTF8.GetBytes(command + "\r\n"), cancellationToken);
        await FlushAsync(cancellationToken);
        return await _replies.ReadAsync(cancellationToken);
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        while (!octets.IsEmpty)
        {
            if (_written == BufferBytes)
                await FlushAsync(cancellationToken);
            var count = Math.Min(octets.Length, BufferBytes - _written);
            octets[..count].CopyTo(_output.AsMemory(_written));
            _written += count;
            octets = octets[count..];
        }
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(_output.AsMemory(0, _written), cancellationToken);
        _written = 0;
    }

    private static string FirstWordOf(string line) => line.Split(' ', 2)[0];
}
