using Appliance.Client.Api;
using Appliance.Client.Sessions;
using Appliance.Client.State;

namespace Appliance.Bridge;

/// <summary>The account this computer is logged in to, unlocked, with the connection to its server.</summary>
internal sealed class BridgeSession : IDisposable
{
    private BridgeSession(ApplianceApi api, MemberAccount member) => (Api, Member) = (api, member);

    public ApplianceApi Api { get; }

    public MemberAccount Member { get; }

    /// <exception cref="BridgeException">Nobody is logged in.</exception>
    public static async Task<BridgeSession> ResumeAsync(BridgeHost host, StateFolder folder, CancellationToken cancellation)
    {
        var saved = folder.Load() ?? throw new BridgeException("Nobody is logged in. Run: appliance-bridge login URL ADDRESS.");
        var api = Connect(host, saved);
        try
        {
            return new BridgeSession(api, await KeptSession.ResumeAsync(api, saved, cancellation));
        }
        catch
        {
            api.Dispose();
            throw;
        }
    }

    public static ApplianceApi Connect(BridgeHost host, SavedSession saved) =>
        ServerOrigin.TryParse(saved.Origin, out var origin, out var problem)
            ? new ApplianceApi(origin, host.Connect(saved.CertificatePin)) { Cookie = saved.Cookie }
            : throw new FormatException(problem);

    /// <summary>Called before a new login, so that a state folder never changes its account by accident.</summary>
    /// <exception cref="BridgeException">The folder belongs to another account.</exception>
    public static SavedSession? PreviousOf(StateFolder folder, ServerOrigin origin, string? address)
    {
        var saved = folder.Load();
        return saved is null || (saved.Origin == origin.ToString() && string.Equals(saved.Address, address, StringComparison.OrdinalIgnoreCase))
            ? saved
            : throw new BridgeException($"This computer is logged in as {saved.Address} at {saved.Origin}. Log out first, or name another folder with --state.");
    }

    public void Dispose() => Api.Dispose();
}
