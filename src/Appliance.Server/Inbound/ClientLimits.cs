using System.Net;
using Appliance.Mail.Smtp;
using Appliance.Server.Inbound.Senders;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

/// <summary>
/// What clients may not do too often: ask for addresses that nobody has, and send a member more than is taken within an hour; and who waits for an answer. Not for those whose mail is taken as
/// it comes: this machine, and a mail server that hands over.
/// </summary>
internal sealed class ClientLimits(UnknownRecipients unknown, ReceiveRates rates, OriginalClients clients, ArrivalChecks checks, IOptions<SenderOptions> senders, TimeProvider time)
{
    private static readonly SmtpReply TooManyUnknown = new(421, "4.7.0", "Too many addresses that do not exist; clean your list and come back later", "unknown recipients");

    private static readonly SmtpReply TooManyBounces = new(421, "4.7.0", "Too many bounces to addresses that do not exist; come back later", "bounces");

    internal static readonly SmtpReply BannedFromBounces = new(
        450, "4.7.1", "Too many bounces to addresses that do not exist came from your network; other mail is taken, bounces later", "bounces");

    internal static readonly SmtpReply Banned = new(421, "4.7.0", "Too many addresses that do not exist came from your network; clean your list and come back later", "banned");

    private static readonly SmtpReply TooMuchMail = new(450, "4.2.1", "This mailbox has got all the mail it takes in an hour, or takes from one network; try again in an hour");

    /// <summary>Nothing it says is listened to for a while.</summary>
    public bool IsBanned(IPAddress client) => unknown.IsBanned(client);

    public bool IsBannedFromBounces(IPAddress client) => unknown.IsBanned(client, asBounces: true);

    /// <summary>This machine, or a mail server of the operator's.</summary>
    public bool IsExempt(IPAddress client) => clients.IsExempt(client) || clients.IsRelay(client);

    /// <summary>What to answer to RCPT, given where the address leads.</summary>
    /// <param name="isUnknown">It was refused because nobody has the address.</param>
    /// <param name="isBounce">It is the first recipient of a message without a sender.</param>
    public async ValueTask<SmtpReply?> RefusalAsync(
        SmtpPeer peer, IReadOnlyList<Destination> destinations, SmtpReply? refusal, bool isUnknown, bool isBounce, CancellationToken abort)
    {
        if (clients.IsOurs(peer))
            return refusal;
        if (await checks.IsListedAsync(peer))
            await Task.Delay(TimeSpan.FromSeconds(senders.Value.TarpitSeconds), time, abort);
        if (isUnknown)
        {
            if (unknown.Count(peer.Remote.Address, isBounce) is not { } delay)
                return isBounce ? TooManyBounces : TooManyUnknown;
            await Task.Delay(delay, time, abort);
        }
        return refusal ?? (destinations.Any(to => rates.IsReached(to.MailboxId, peer.Remote.Address)) ? TooMuchMail : null);
    }
}
