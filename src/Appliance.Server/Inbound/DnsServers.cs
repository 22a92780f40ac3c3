using System.ComponentModel.DataAnnotations;
using System.Net;
using Appliance.Mail.Dns;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

/// <summary><c>Dns:*</c> in appsettings.json: whom the service asks.</summary>
public sealed class DnsServers
{
    /// <summary>Recursive resolvers as IP:PORT, with spaces between; empty: those of the system.</summary>
    public string Servers { get; set; } = "";

    /// <summary>Seconds to wait for one answer.</summary>
    [Range(1, 30)]
    public int TimeoutSeconds { get; set; } = 3;

    /// <summary>How often a question is asked before it counts as not answered.</summary>
    [Range(1, 10)]
    public int Tries { get; set; } = 2;

    internal DnsOptions ToOptions() => new()
    {
        Servers = [.. Servers.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Parse)],
        Timeout = TimeSpan.FromSeconds(TimeoutSeconds),
        Tries = Tries,
    };

    private static IPEndPoint Parse(string written) =>
        IPEndPoint.TryParse(written, out var server) ? (server.Port == 0 ? new IPEndPoint(server.Address, 53) : server) : throw new FormatException();
}

/// <summary>What their attributes ask for, checked by code made when it is compiled.</summary>
[OptionsValidator]
internal sealed partial class DnsServersBounds : IValidateOptions<DnsServers>;

internal sealed class DnsServersValidation : IValidateOptions<DnsServers>
{
    public ValidateOptionsResult Validate(string? name, DnsServers options)
    {
        try
        {
            options.ToOptions();
            return ValidateOptionsResult.Success;
        }
        catch (FormatException)
        {
            return ValidateOptionsResult.Fail($"Dns:Servers is \"{options.Servers}\"; write addresses such as 127.0.0.1:53 [::1]:53, with spaces between.");
        }
    }
}
