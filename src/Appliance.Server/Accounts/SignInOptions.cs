using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Accounts;

/// <summary><c>SignIn:*</c> in appsettings.json.</summary>
public sealed class SignInOptions
{
    /// <summary>Sign-in and activation requests a minute from one client network (IPv6: /64; ten times as many from a /48).</summary>
    [Range(1, 100_000)]
    public int RequestsPerMinute { get; set; } = 30;

    /// <summary>Sign-in attempts in ten minutes for one address from one client network (IPv6: /48).</summary>
    [Range(1, 100_000)]
    public int AttemptsPerAddress { get; set; } = 20;

    /// <summary>Failed sign-ins from one client network within an hour; one more (IPv6: ten times as many from a /48), and it is not listened to for <see cref="BanMinutes"/>.</summary>
    [Range(1, 100_000)]
    public int MaxFailures { get; set; } = 50;

    [Range(1, 10_080)]
    public int BanMinutes { get; set; } = 60;
}

/// <summary>What their attributes ask for, checked by code made when it is compiled.</summary>
[OptionsValidator]
internal sealed partial class SignInOptionsBounds : IValidateOptions<SignInOptions>;
