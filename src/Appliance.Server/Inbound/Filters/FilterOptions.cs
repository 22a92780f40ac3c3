using System.ComponentModel.DataAnnotations;
using Appliance.Mail.Authentication;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound.Filters;

/// <summary><c>Filters:*</c> in appsettings.json: what is asked about what a message says.</summary>
public sealed class FilterOptions
{
    /// <summary>Points at which the scorer files to Junk (<see cref="Appliance.Mail.Junk.JunkSigns"/>); 0: never.</summary>
    [Range(0, 100)]
    public double JunkPoints { get; set; } = 5;

    /// <summary>Where rspamd's worker listens, such as http://127.0.0.1:11333; empty: not asked.</summary>
    public string Rspamd { get; set; } = "";

    /// <summary>What becomes of what rspamd would reject: Refuse or Junk.</summary>
    public ArrivalAction OnSpam { get; set; } = ArrivalAction.Refuse;

    /// <summary>When rspamd does not answer: Accept (and say so in the message's verdict) or Defer.</summary>
    public ArrivalAction OnRspamdAbsent { get; set; } = ArrivalAction.Accept;

    /// <summary>Where clamd listens, HOST:PORT or the path of its socket; empty: not asked.</summary>
    public string Clamd { get; set; } = "";

    /// <summary>What becomes of what clamd finds: Refuse or Junk.</summary>
    public ArrivalAction OnVirus { get; set; } = ArrivalAction.Refuse;

    /// <summary>When clamd does not answer: Accept (and say so in the message's verdict) or Defer.</summary>
    public ArrivalAction OnClamdAbsent { get; set; } = ArrivalAction.Defer;

    /// <summary>Seconds that each may take.</summary>
    [Range(1, 120)]
    public int TimeoutSeconds { get; set; } = 15;
}

/// <summary>What their attributes ask for, checked by code made when it is compiled.</summary>
[OptionsValidator]
internal sealed partial class FilterOptionsBounds : IValidateOptions<FilterOptions>;

internal sealed class FilterOptionsValidation : IValidateOptions<FilterOptions>
{
    public ValidateOptionsResult Validate(string? name, FilterOptions options)
    {
        var wrong = new List<string>();
        if (options.Rspamd.Length > 0 && !(Uri.TryCreate(options.Rspamd, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
            wrong.Add($"Filters:Rspamd is \"{options.Rspamd}\"; write an address such as http://127.0.0.1:11333.");
        if (options.Clamd.Length > 0 && !Path.IsPathRooted(options.Clamd) && !ClamdFilter.TryParseHost(options.Clamd, out _, out _))
            wrong.Add($"Filters:Clamd is \"{options.Clamd}\"; write HOST:PORT, or the path of clamd's socket.");
        foreach (var (key, action) in new[] { ("OnSpam", options.OnSpam), ("OnVirus", options.OnVirus) })
            if (action is not (ArrivalAction.Refuse or ArrivalAction.Junk))
                wrong.Add($"Filters:{key} is {action}; it can be Refuse or Junk.");
        foreach (var (key, action) in new[] { ("OnRspamdAbsent", options.OnRspamdAbsent), ("OnClamdAbsent", options.OnClamdAbsent) })
            if (action is not (ArrivalAction.Accept or ArrivalAction.Defer))
                wrong.Add($"Filters:{key} is {action}; it can be Accept or Defer.");
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }
}
