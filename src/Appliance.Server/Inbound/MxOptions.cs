using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

/// <summary><c>Mx:*</c> in appsettings.json.</summary>
public sealed class MxOptions
{
    /// <summary>The name in the greeting and in Received; empty: the machine's.</summary>
    public string HostName { get; set; } = "";

    internal string EffectiveHostName => HostName.Length > 0 ? HostName : MachineName;

    private static string MachineName { get; } = Environment.MachineName.ToLowerInvariant();

    /// <summary>What divides an address from its tag (<c>ann+shop@example.org</c>, RFC 5233): one character, or empty for none.</summary>
    [RegularExpression(@"[-+=_.#]?", ErrorMessage = "Mx:AddressSeparator is one of - + = _ . # or empty.")]
    public string AddressSeparator { get; set; } = "+";

    /// <summary>Networks of mail servers of the operator's that hand over what they took from others, with spaces between.</summary>
    public string TrustedRelays { get; set; } = "";

    /// <summary>Networks of proxies that begin with a PROXY header, with spaces between.</summary>
    public string TrustedProxies { get; set; } = "";

    /// <summary>Bytes; announced with SIZE (RFC 1870).</summary>
    [Range(65_536, 1_073_741_824)]
    public long MaxMessageBytes { get; set; } = 52_428_800;

    [Range(100, 100_000)]
    public int MaxRecipients { get; set; } = 1000;

    /// <summary>Messages of one session, begun ones included; announced with LIMITS (RFC 9422).</summary>
    [Range(1, 1_000_000)]
    public int MaxMessagesPerSession { get; set; } = 1000;

    [Range(1, 100_000)]
    public int MaxSessions { get; set; } = 1000;

    [Range(1, 100_000)]
    public int MaxSessionsPerAddress { get; set; } = 100;

    /// <summary>Addresses that do not exist which one network may ask for in ten minutes.</summary>
    [Range(1, 1_000_000)]
    public int MaxUnknownRecipients { get; set; } = 25;

    /// <summary>Minutes a network that asked for more is not listened to.</summary>
    [Range(1, 10_080)]
    public int BanMinutes { get; set; } = 15;

    /// <summary>Messages that a mailbox gets within an hour, of which a client network may bring a quarter; 0: any number.</summary>
    [Range(0, 10_000_000)]
    public int MaxMessagesPerHour { get; set; } = 1000;

    /// <summary>Commands in one session.</summary>
    [Range(100, 10_000_000)]
    public int MaxCommands { get; set; } = 20_000;

    /// <summary>Seconds a session may wait for its peer (RFC 5321 §4.5.3.2.7 asks for 300).</summary>
    [Range(1, 3600)]
    public int IdleSeconds { get; set; } = 300;

    /// <summary>Seconds a session may last.</summary>
    [Range(1, 86_400)]
    public int SessionSeconds { get; set; } = 3600;

    /// <summary>Milliseconds to wait with the greeting for a client that talks before it; 0: none.</summary>
    [Range(0, 10_000)]
    public int GreetingDelayMilliseconds { get; set; } = 100;

    /// <summary>Seconds that transactions have to come to their end when the service ends.</summary>
    [Range(0, 600)]
    public int DrainSeconds { get; set; } = 20;

    /// <summary>Memory for messages that are arriving, in bytes, of which a client network may have a quarter; 0: a quarter of the machine's.</summary>
    [Range(0, long.MaxValue)]
    public long BudgetBytes { get; set; }
}

/// <summary>What their attributes ask for, checked by code made when it is compiled.</summary>
[OptionsValidator]
internal sealed partial class MxOptionsBounds : IValidateOptions<MxOptions>;

internal sealed class MxOptionsValidation : IValidateOptions<MxOptions>
{
    public ValidateOptionsResult Validate(string? name, MxOptions options)
    {
        string[] wrong =
        [
            .. from pair in new[] { ("Mx:TrustedRelays", options.TrustedRelays), ("Mx:TrustedProxies", options.TrustedProxies) }
               where !Networks.TryParse(pair.Item2, out _)
               select Networks.Complaint(pair.Item1, pair.Item2),
        ];
        return wrong.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }
}
