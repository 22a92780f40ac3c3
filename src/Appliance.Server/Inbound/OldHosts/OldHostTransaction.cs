using System.Net.Sockets;
using Appliance.Mail.Smtp.Client;
using Appliance.Server.Domains;

namespace Appliance.Server.Inbound.OldHosts;

/// <summary>What a session here has begun at an old host. It ends with the transaction here, whatever became of it.</summary>
/// <param name="left">Called when it has.</param>
internal sealed class OldHostTransaction(OldHost host, SmtpClientSession session, Action left) : IDisposable
{
    private static readonly TimeSpan LeaveDeadline = TimeSpan.FromSeconds(5);
    private bool _isOver;

    public OldHost Host => host;

    public SmtpClientSession Session => session;

    /// <summary>An answer is missing: the next one would be taken for it.</summary>
    public bool IsBroken { get; set; }

    public void Dispose()
    {
        if (_isOver)
            return;
        _isOver = true;
        _ = LeaveAsync();
    }

    private async Task LeaveAsync()
    {
        try
        {
            using var deadline = new CancellationTokenSource(LeaveDeadline);
            if (!IsBroken)
                await session.QuitAsync(deadline.Token);
        }
        catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException)
        {
            // It has left by itself.
        }
        finally
        {
            await session.DisposeAsync();
            left();
        }
    }
}
