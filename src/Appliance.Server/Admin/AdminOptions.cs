using Appliance.Server.Inbound;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Admin;

/// <summary><c>Web:*</c> in appsettings.json.</summary>
public sealed class AdminOptions
{
    /// <summary>The origin people reach the web client at, such as https://mail.example.org; empty: the address it listens on.</summary>
    public string PublicUrl { get; set; } = "";

    /// <summary>Reverse proxies in front of the web client and the API, which say with X-Forwarded-* who asks.</summary>
    public string TrustedProxies { get; set; } = "";
}

internal sealed class AdminOptionsValidation : IValidateOptions<AdminOptions>
{
    public ValidateOptionsResult Validate(string? name, AdminOptions options) =>
        Networks.TryParse(options.TrustedProxies, out _)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(Networks.Complaint("Web:TrustedProxies", options.TrustedProxies));
}
