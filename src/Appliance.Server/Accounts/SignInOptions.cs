using System.ComponentModel.DataAnnotations;

namespace Appliance.Server.Accounts;

/// <summary><c>SignIn:*</c> in appsettings.json.</summary>
public sealed class SignInOptions
{
    /// <summary>Sign-in and activation requests a minute from one client network (IPv6: /64).</summary>
    [Range(1, 100_000)]
    public int RequestsPerMinute { get; set; } = 30;

    /// <summary>Sign-in attempts in ten minutes for one address, from wherever they come.</summary>
    [Range(1, 100_000)]
    public int AttemptsPerAddress { get; set; } = 20;
}
