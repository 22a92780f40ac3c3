using System.Net;
using Appliance.Mail.Headers;
using Appliance.Mail.Smtp;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

/// <summary>Whom a message came from, as far as our own mail servers can be believed.</summary>
/// <param name="Address">Null: a relay of ours does not say.</param>
/// <param name="Helo">What it called itself.</param>
/// <param name="IsOurs">This machine, or a relay by itself: nothing is checked.</param>
/// <param name="IsRelayed">A mail server of ours took it before, so a refusal would only have it write to somebody who may know of nothing.</param>
internal sealed record OriginalClient(IPAddress? Address, string Helo, bool IsOurs, bool IsRelayed);

/// <summary>
/// Finds the first client that is no mail server of the operator's: all checks are about that one. What a relay of ours wrote in its Received is believed, what
/// stands below that of a stranger is not.
/// </summary>
internal sealed class OriginalClients(IOptions<MailAuthOptions> auth, IOptions<MxOptions> mx)
{
    private readonly Networks _exempt = Networks.Parse(auth.Value.ExemptClients);
    private readonly Networks _relays = Networks.Parse(mx.Value.TrustedRelays);
    private readonly Networks _proxies = Networks.Parse(mx.Value.TrustedProxies);

    /// <summary>Mail from there is taken as it comes.</summary>
    public bool IsExempt(IPAddress client) => _exempt.Contain(client);

    /// <summary>A mail server of the operator's.</summary>
    public bool IsRelay(IPAddress client) => _relays.Contain(client);

    /// <summary>It says in a PROXY header who is behind it.</summary>
    public bool IsProxy(IPAddress client) => _proxies.Contain(client);

    /// <summary>A mail server of the operator's took the message before: a refusal would only have it write to somebody.</summary>
    public bool IsRelayed(SmtpPeer peer) => peer.IsLmtp || IsRelay(peer.Remote.Address);

    /// <summary>This machine, or a mail server of the operator's: nothing is asked about it, and nothing counted.</summary>
    public bool IsOurs(SmtpPeer peer) => IsRelayed(peer) || IsExempt(peer.Remote.Address);

    public OriginalClient Find(SmtpPeer peer, HeaderBlock header)
    {
        var connected = peer.Remote.Address;
        if (!IsRelayed(peer))
            return new OriginalClient(connected, peer.Helo ?? "", IsExempt(connected), IsRelayed: false);
        foreach (var field in header.All("Received"))
        {
            var hop = ReceivedField.Parse(field.Value.Span);
            // A program on that machine handed it over, or it came from another server of ours: the next field is from there.
            if (!hop.IsFromClient || (hop.Client is { } passed && (IsExempt(passed) || IsRelay(passed))))
                continue;
            return new OriginalClient(hop.Client, hop.Helo, IsOurs: false, IsRelayed: true);
        }
        return new OriginalClient(connected, peer.Helo ?? "", IsOurs: true, IsRelayed: true);
    }
}
