using System.Net;

namespace Appliance.Mail.Dns;

/// <summary>Whom to ask, and how patiently.</summary>
public sealed record DnsOptions
{
    /// <summary>Recursive resolvers; empty: those of the system.</summary>
    public IReadOnlyList<IPEndPoint> Servers { get; init; } = [];

    /// <summary>For one try.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    public int Tries { get; init; } = 2;
}
