using Appliance.Crypto.Formats;
using Appliance.Server.Accounts;
using Appliance.Server.Mailboxes;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

/// <summary>How many messages a mailbox got within an hour, so that nobody buries a member in mail. A message counts once it is kept.</summary>
internal sealed class ReceiveRates(IOptions<MxOptions> options, TimeProvider time)
{
    private readonly Tallies<MailboxId> _kept = new(TimeSpan.FromHours(1), time);

    public void Count(IEnumerable<MailboxChange> kept)
    {
        foreach (var mailbox in kept)
            _kept.Add(mailbox.MailboxId);
    }

    public bool IsReached(MailboxId mailbox) => options.Value.MaxMessagesPerHour is > 0 and var most && _kept.Of(mailbox) >= most;
}
