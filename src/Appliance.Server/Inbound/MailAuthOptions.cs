using System.ComponentModel.DataAnnotations;
using Appliance.Mail.Addresses;
using Appliance.Mail.Authentication;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

/// <summary><c>MailAuth:*</c> in appsettings.json: what is done about mail whose author cannot be confirmed.</summary>
public sealed class MailAuthOptions
{
    /// <summary>DMARC fails and the author's domain asks for refusal: Refuse, Junk or Accept.</summary>
    public ArrivalAction OnReject { get; set; } = ArrivalAction.Refuse;

    /// <summary>DMARC fails and the author's domain asks for quarantine: Refuse, Junk or Accept.</summary>
    public ArrivalAction OnQuarantine { get; set; } = ArrivalAction.Junk;

    /// <summary>DMARC fails, but a trusted sealer says that it passed before: Junk or Accept.</summary>
    public ArrivalAction OnTrustedChain { get; set; } = ArrivalAction.Junk;

    /// <summary>The DNS did not say: Accept or Defer.</summary>
    public ArrivalAction OnTemporaryError { get; set; } = ArrivalAction.Accept;

    /// <summary>Domains whose ARC seals are believed, with spaces between.</summary>
    public string TrustedSealers { get; set; } = "";

    /// <summary>Networks whose mail is not checked, with spaces between.</summary>
    public string ExemptClients { get; set; } = "127.0.0.0/8 ::1/128";

    /// <summary>Seconds all checks of one message may take together.</summary>
    [Range(1, 300)]
    public int DeadlineSeconds { get; set; } = 30;

    /// <summary>Other actions for the mail of single hosted domains, by name.</summary>
    public IDictionary<string, MailAuthDomainOptions> Domains { get; } = new Dictionary<string, MailAuthDomainOptions>(StringComparer.OrdinalIgnoreCase);

    internal IReadOnlySet<string> TrustedSealerDomains =>
        Words(TrustedSealers).Select(word => MailDomain.TryParse(word, out var domain) ? domain.Ascii : throw new FormatException($"\"{word}\" is no domain")).ToHashSet();

    internal ArrivalRules RulesFor(string domain)
    {
        var own = Domains.TryGetValue(domain, out var found) ? found : null;
        return new ArrivalRules
        {
            OnReject = own?.OnReject ?? OnReject,
            OnQuarantine = own?.OnQuarantine ?? OnQuarantine,
            OnTrustedChain = own?.OnTrustedChain ?? OnTrustedChain,
            OnTemporaryError = own?.OnTemporaryError ?? OnTemporaryError,
        };
    }

    private static string[] Words(string list) => list.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

/// <summary>What is not said here is as for all domains.</summary>
public sealed class MailAuthDomainOptions
{
    public ArrivalAction? OnReject { get; set; }

    public ArrivalAction? OnQuarantine { get; set; }

    public ArrivalAction? OnTrustedChain { get; set; }

    public ArrivalAction? OnTemporaryError { get; set; }
}

/// <summary>What their attributes ask for, checked by code made when it is compiled.</summary>
[OptionsValidator]
internal sealed partial class MailAuthOptionsBounds : IValidateOptions<MailAuthOptions>;

internal sealed class MailAuthOptionsValidation : IValidateOptions<MailAuthOptions>
{
    public ValidateOptionsResult Validate(string? name, MailAuthOptions options)
    {
        if (!Networks.TryParse(options.ExemptClients, out _))
            return ValidateOptionsResult.Fail(Networks.Complaint("MailAuth:ExemptClients", options.ExemptClients));
        try
        {
            _ = options.TrustedSealerDomains;
        }
        catch (FormatException)
        {
            return ValidateOptionsResult.Fail($"MailAuth:TrustedSealers is \"{options.TrustedSealers}\"; write domains such as lists.example.org, with spaces between.");
        }
        var wrong = new List<string>();
        Check("MailAuth", options.OnTrustedChain, options.OnTemporaryError, options.OnReject, options.OnQuarantine);
        foreach (var (domain, own) in options.Domains)
            Check($"MailAuth:Domains:{domain}", own.OnTrustedChain, own.OnTemporaryError, own.OnReject, own.OnQuarantine);
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);

        void Check(string section, ArrivalAction? trusted, ArrivalAction? temporary, params ArrivalAction?[] failures)
        {
            if (trusted is ArrivalAction.Refuse or ArrivalAction.Defer)
                wrong.Add($"{section}:OnTrustedChain is {trusted}; it can be Junk or Accept.");
            if (temporary is ArrivalAction.Refuse or ArrivalAction.Junk)
                wrong.Add($"{section}:OnTemporaryError is {temporary}; it can be Accept or Defer.");
            if (failures.Contains(ArrivalAction.Defer))
                wrong.Add($"{section}:OnReject and OnQuarantine can be Refuse, Junk or Accept, not Defer.");
        }
    }
}
