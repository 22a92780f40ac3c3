using Microsoft.Extensions.Options;

namespace Appliance.Server.Hosting;

/// <summary><c>Listen:*</c> in appsettings.json, each HOST:PORT.</summary>
public sealed class ListenerOptions
{
    /// <summary>SMTP from other mail servers.</summary>
    public string Mx { get; set; } = "localhost:2525";

    /// <summary>LMTP from a mail server of yours that takes mail from others; empty: none.</summary>
    public string Lmtp { get; set; } = "";

    /// <summary>Web client and API: plain HTTP on a loopback host, HTTPS elsewhere.</summary>
    public string Web { get; set; } = "localhost:8080";
}

internal sealed class ListenerOptionsValidation : IValidateOptions<ListenerOptions>
{
    public ValidateOptionsResult Validate(string? name, ListenerOptions options)
    {
        string[] wrong =
        [
            .. from pair in new[] { ("Listen:Mx", options.Mx), ("Listen:Lmtp", options.Lmtp), ("Listen:Web", options.Web) }
               where !(pair is ("Listen:Lmtp", "") || HostAndPort.TryParse(pair.Item2, out _))
               select $"{pair.Item1} is \"{pair.Item2}\"; write it as HOST:PORT, such as localhost:8080 or *:25.",
        ];
        return wrong.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }
}
