using System.Net;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Relays;

/// <summary>A mail server of others on a free port of loopback, with configuration and queue in a folder of its own, that sends whatever it gets to one next hop.</summary>
public abstract class RelayServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    protected string Root { get; } = Directory.CreateTempSubdirectory("appliance-relay-").FullName;

    /// <summary>Where it takes mail.</summary>
    public IPEndPoint Address { get; } = Loopback.FreePort();

    /// <summary>Both in turn.</summary>
    public static TheoryData<string> Kinds => ["postfix", "exim"];

    public static async Task<RelayServer> StartAsync(string kind, IPEndPoint nextHop) =>
        kind == "exim" ? await EximServer.StartAsync(nextHop) : await PostfixServer.StartAsync($"smtp:[{nextHop.Address}]:{nextHop.Port}");

    /// <summary>Has it try everything in its queue now.</summary>
    public abstract Task FlushAsync();

    /// <summary>Whether its queue is empty.</summary>
    public abstract Task<bool> IsDoneAsync();

    public abstract string Log();

    /// <summary>Flushes until nothing is left.</summary>
    public async Task DeliverAllAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await IsDoneAsync())
        {
            Assert.False(patience.IsCancellationRequested, Log());
            await FlushAsync();
            await Task.Delay(200);
        }
    }

    /// <summary>Gives it a message.</summary>
    public async Task SubmitAsync(string sender, IEnumerable<string> recipients, string message)
    {
        await using var line = await SmtpDialogue.OpenAsync(Address);
        await line.SayAsync("EHLO client.example");
        Assert.StartsWith("250", await line.SayAsync($"MAIL FROM:<{sender}>"), StringComparison.Ordinal);
        foreach (var recipient in recipients)
            Assert.StartsWith("250", await line.SayAsync($"RCPT TO:<{recipient}>"), StringComparison.Ordinal);
        Assert.StartsWith("354", await line.SayAsync("DATA"), StringComparison.Ordinal);
        Assert.StartsWith("250", await line.SayAsync(message + "\r\n."), StringComparison.Ordinal);
        await line.SayAsync("QUIT");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Root, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected abstract Task StopAsync();
}
