using System.Globalization;
using System.Net;
using Appliance.Mail.Dns;

namespace Appliance.Mail.Spf;

/// <summary>
/// Sender Policy Framework (RFC 7208), complete: asks the domain that a client claims to send for whether it may. At most ten terms ask the
/// DNS, two of them for nothing (§4.6.4), and all of it within <paramref name="deadline"/>. Failures of the DNS are temperror, never none.
/// </summary>
/// <param name="receiver">Our name, for explanations.</param>
public sealed class SpfChecker(IDnsResolver dns, TimeProvider time, string receiver = "unknown", TimeSpan? deadline = null)
{
    private static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(20); // §4.6.4 asks for no less
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = false };

    /// <summary>The identity MAIL FROM; an empty one stands for postmaster of the HELO name (§2.4).</summary>
    /// <param name="helo">As the client gave it.</param>
    /// <param name="sender">The reverse-path without its brackets, or a domain alone.</param>
    public ValueTask<SpfOutcome> CheckSenderAsync(IPAddress client, string helo, string sender, CancellationToken cancellationToken)
    {
        var at = sender.LastIndexOf('@');
        var (local, domain) = sender.Length == 0 ? ("postmaster", helo) : (at < 0 ? "" : sender[..at], sender[(at + 1)..]);
        return CheckAsync(client, helo, local.Length == 0 ? "postmaster" : local, domain, cancellationToken);
    }

    /// <summary>The identity HELO by itself (§2.3).</summary>
    public ValueTask<SpfOutcome> CheckHeloAsync(IPAddress client, string helo, CancellationToken cancellationToken) =>
        CheckAsync(client, helo, "postmaster", helo, cancellationToken);

    private async ValueTask<SpfOutcome> CheckAsync(IPAddress client, string helo, string local, string domain, CancellationToken cancellationToken)
    {
        if (Ascii(domain) is not { } name)
            return new SpfOutcome(SpfResult.None, "", "there is no domain to ask", 0);
        using var overdue = new CancellationTokenSource(deadline ?? DefaultDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(overdue.Token, cancellationToken);
        var evaluation = new SpfEvaluation(dns, client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client, local, name, helo, receiver, time.GetUtcNow(), either.Token);
        try
        {
            return await evaluation.RunAsync();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new SpfOutcome(SpfResult.TempError, name, $"{name} could not be asked in time", evaluation.Lookups);
        }
    }

    /// <summary>§4.3: a name of several labels, in A-labels; null: nothing to ask.</summary>
    private static string? Ascii(string domain)
    {
        domain = domain.TrimEnd('.');
        try
        {
            if (!System.Text.Ascii.IsValid(domain))
                domain = Idn.GetAscii(domain);
        }
        catch (ArgumentException)
        {
            return null;
        }
        return SpfEvaluation.CanBeAsked(domain) ? domain.ToLowerInvariant() : null;
    }
}
