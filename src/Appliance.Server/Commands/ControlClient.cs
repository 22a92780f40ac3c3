using System.IO.Pipes;
using System.Net.Sockets;
using System.Text.Json.Serialization.Metadata;
using Appliance.Contracts;
using Appliance.Server.Hosting;

namespace Appliance.Server.Commands;

/// <summary>Talks to the running service over its control socket.</summary>
internal sealed class ControlClient(string dataPath) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);
    private readonly HttpClient _http = new(new SocketsHttpHandler { ConnectCallback = (_, cancellation) => ConnectAsync(dataPath, cancellation) })
    {
        BaseAddress = new Uri("http://control"),
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>The answer, or null when no service runs on this data folder.</summary>
    /// <exception cref="CommandFailedException">The service refused; the message is its own.</exception>
    public async Task<TResponse?> SendAsync<TResponse>(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
        where TResponse : class
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        try
        {
            return await WaitAsync<TResponse>(method, path, body, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandFailedException("The service did not answer within a minute. Look at its log.");
        }
    }

    /// <summary>As <see cref="SendAsync"/>, for what may take hours.</summary>
    public async Task<TResponse?> WaitAsync<TResponse>(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
        where TResponse : class
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, ContractsJson.Default.GetTypeInfo(body.GetType())!) };
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            await ThrowIfRefusedAsync(response, cancellationToken);
            return await response.Content.ReadFromJsonAsync((JsonTypeInfo<TResponse>)ContractsJson.Default.GetTypeInfo(typeof(TResponse))!, cancellationToken);
        }
        catch (HttpRequestException exception) when (IsNobodyThere(exception))
        {
            return null;
        }
    }

    /// <summary>Copies an answer that is a stream; false when no service runs on this data folder.</summary>
    /// <exception cref="CommandFailedException">The service refused; the message is its own.</exception>
    public async Task<bool> CopyAsync(string path, Stream output, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            await ThrowIfRefusedAsync(response, cancellationToken);
            await response.Content.CopyToAsync(output, cancellationToken);
            return true;
        }
        catch (HttpRequestException exception) when (IsNobodyThere(exception))
        {
            return false;
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task ThrowIfRefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
            return;
        var problem = await response.Content.ReadFromJsonAsync(ContractsJson.Default.Problem, cancellationToken);
        throw new CommandFailedException(problem?.Detail ?? problem?.Title ?? $"The service answered {(int)response.StatusCode}.");
    }

    private static bool IsNobodyThere(HttpRequestException exception) => exception.InnerException is SocketException or TimeoutException or FileNotFoundException;

    private static async ValueTask<Stream> ConnectAsync(string dataPath, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            var pipe = new NamedPipeClientStream(
                ".", ControlAddress.PipeName(dataPath), PipeDirection.InOut, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
            await pipe.ConnectAsync(TimeSpan.FromSeconds(1), cancellationToken);
            return pipe;
        }
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(ControlAddress.SocketPath(dataPath)), cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
