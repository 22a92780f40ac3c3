namespace Appliance.Mail.Dns;

/// <summary>Asks the DNS. One question at a time; aliases (CNAME) are followed. Nothing the network does is an exception: it is an outcome.</summary>
public interface IDnsResolver
{
    /// <param name="name">An ASCII name (A-labels), with or without the root's dot.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    ValueTask<DnsAnswer> QueryAsync(string name, DnsType type, CancellationToken cancellationToken);
}
