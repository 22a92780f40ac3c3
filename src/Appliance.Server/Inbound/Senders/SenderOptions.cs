using System.ComponentModel.DataAnnotations;
using Appliance.Mail.Addresses;
using Appliance.Mail.Authentication;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound.Senders;

/// <summary><c>Senders:*</c> in appsettings.json: what is asked and remembered about mail servers that send here.</summary>
public sealed class SenderOptions
{
    /// <summary>Lists of clients that send spam (DNSBL, RFC 5782), with spaces between.</summary>
    public string BlockLists { get; set; } = "zen.spamhaus.org";

    /// <summary>Lists of clients that are known to be honest (DNSWL), with spaces between.</summary>
    public string AllowLists { get; set; } = "list.dnswl.org";

    /// <summary>What becomes of mail from a client on one of the former and none of the latter: Refuse, Junk or Accept.</summary>
    public ArrivalAction OnListed { get; set; } = ArrivalAction.Refuse;

    /// <summary>Seconds that such a client waits for each answer to RCPT.</summary>
    [Range(0, 60)]
    public int TarpitSeconds { get; set; } = 5;

    /// <summary>Minutes that a suspicious sender which nobody knows is asked to wait; 0: nobody is.</summary>
    [Range(0, 240)]
    public double GreylistMinutes { get; set; } = 5;

    /// <summary>Days without mail after which a sender is forgotten.</summary>
    [Range(1, 3650)]
    public int KnownDays { get; set; } = 60;

    internal IReadOnlyList<string> BlockZones => Zones(BlockLists);

    internal IReadOnlyList<string> AllowZones => Zones(AllowLists);

    private static IReadOnlyList<string> Zones(string list) =>
        [.. list.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(zone => MailDomain.TryParse(zone, out var domain) && domain.Literal is null ? domain.Ascii : throw new FormatException($"\"{zone}\" is no domain"))];
}

/// <summary>What their attributes ask for, checked by code made when it is compiled.</summary>
[OptionsValidator]
internal sealed partial class SenderOptionsBounds : IValidateOptions<SenderOptions>;

internal sealed class SenderOptionsValidation : IValidateOptions<SenderOptions>
{
    public ValidateOptionsResult Validate(string? name, SenderOptions options)
    {
        try
        {
            _ = (options.BlockZones, options.AllowZones);
        }
        catch (FormatException wrong)
        {
            return ValidateOptionsResult.Fail($"Senders:BlockLists and Senders:AllowLists are domains such as zen.spamhaus.org, with spaces between: {wrong.Message}.");
        }
        return options.OnListed == ArrivalAction.Defer
            ? ValidateOptionsResult.Fail("Senders:OnListed can be Refuse, Junk or Accept, not Defer.")
            : ValidateOptionsResult.Success;
    }
}
