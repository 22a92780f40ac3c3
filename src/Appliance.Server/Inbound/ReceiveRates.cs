using System.Net;
using Appliance.Crypto.Formats;
using Appliance.Mail.Smtp;
using Appliance.Server.Accounts;
using Appliance.Server.Mailboxes;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

/// <summary>
/// How many messages a mailbox got within an hour, so that nobody buries a member in mail. A message counts once it is kept. One network (an IPv4 address, an IPv6 /48) brings a quarter of them, and
/// another only while as many are left as it has brought, so that a few do not put off what others send.
/// </summary>
internal sealed class ReceiveRates(IOptions<MxOptions> options, TimeProvider time)
{
    private readonly Tallies<MailboxId> _kept = new(TimeSpan.FromHours(1), time);

    private readonly Tallies<(MailboxId, string)> _brought = new(TimeSpan.FromHours(1), time);

    public void Count(IPAddress client, IEnumerable<MailboxChange> kept)
    {
        var network = ClientNetwork.SiteOf(client);
        foreach (var mailbox in kept)
        {
            _kept.Add(mailbox.MailboxId);
            _brought.Add((mailbox.MailboxId, network));
        }
    }

    public bool IsReached(MailboxId mailbox, IPAddress client)
    {
        if (options.Value.MaxMessagesPerHour is not (> 0 and var most))
            return false;
        var left = most - _kept.Of(mailbox);
        return left <= 0 || (_brought.Of((mailbox, ClientNetwork.SiteOf(client))) is > 0 and var brought && brought >= Math.Min(Math.Max(1, most / 4), left));
    }
}
