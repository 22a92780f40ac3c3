using System.Buffers;
using System.Net;
using Appliance.Crypto.Formats;
using Appliance.Mail.Addresses;
using Appliance.Mail.Authentication;
using Appliance.Mail.AuthResults;
using Appliance.Mail.Dns;
using Appliance.Mail.Headers;
using Appliance.Mail.ReverseDns;
using Appliance.Mail.Smtp;
using Appliance.Mail.Spf;
using Appliance.Server.Inbound.Senders;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

/// <summary>What was found of a message before it is sealed, and what becomes of it.</summary>
/// <param name="Refusal">Null when it is kept.</param>
/// <param name="IsJunk">Kept in Junk.</param>
/// <param name="Removed">Fields that claimed to be ours.</param>
/// <param name="AuthResults">The value of Authentication-Results.</param>
/// <param name="ClientName">The client's name in the DNS, when it leads back to it.</param>
/// <param name="Sender">Whose history this goes into; null when nobody asks about it.</param>
internal sealed record CheckedArrival(
    SmtpReply? Refusal, bool IsJunk, Verdict Verdict, IReadOnlyList<RemovedBytes> Removed, string AuthResults, string? ClientName = null, ObjectId? Sender = null);

/// <summary>Checks where an arriving message comes from, by the rules of the domain it came to.</summary>
internal sealed class ArrivalChecks
{
    private static readonly SmtpReply HeaderTooLong = new(
        552, "5.3.4", $"The header of this message has more than {HeaderBlock.MostBytes} bytes or {HeaderBlock.MostFields} fields and cannot be checked; send what it holds in the body");

    /// <summary>RFC 5321 §6.3 has loops found by counting; honest mail passes far fewer servers.</summary>
    private const int MostHops = 50;

    private static readonly SmtpReply GoesInCircles = new(
        554, "5.4.6", $"This message has passed more than {MostHops} servers and seems to go in circles; look for a forwarding loop");

    private static readonly Verdict Exempt = new("none", "It came from this server's own machine or network, or through another mail server of its operator, and was not checked here.");

    private readonly MailAuthOptions _options;
    private readonly MailAuthenticator _authenticator;
    private readonly IReadOnlySet<string> _trustedSealers;
    private readonly string _server;
    private readonly OriginalClients _clients;
    private readonly ClientReputations _reputations;
    private readonly SenderHistories _histories;
    private readonly ArrivalAction _onListed;

    public ArrivalChecks(
        IDnsResolver dns, OriginalClients clients, ClientReputations reputations, SenderHistories histories,
        IOptions<MailAuthOptions> options, IOptions<SenderOptions> senders, IOptions<MxOptions> mx, TimeProvider time)
    {
        (_clients, _reputations, _histories) = (clients, reputations, histories);
        (_options, _onListed, _server) = (options.Value, senders.Value.OnListed, mx.Value.EffectiveHostName);
        _trustedSealers = _options.TrustedSealerDomains;
        _authenticator = new MailAuthenticator(dns, time, _server, TimeSpan.FromSeconds(_options.DeadlineSeconds));
    }

    /// <summary>By whose rules mail to this recipient is judged; a message has one judgement, so recipients of one message share them.</summary>
    public ArrivalRules RulesFor(SmtpPath recipient) => _options.RulesFor(recipient.Mailbox?.Domain.Ascii ?? "");

    public async ValueTask<CheckedArrival> CheckAsync(SmtpEnvelope envelope, ReadOnlySequence<byte> message, CancellationToken cancellationToken)
    {
        using var header = HeaderBlock.Read(message);
        if (header is null)
            return Refuse(HeaderTooLong);
        if (header.All("Received").Skip(MostHops).Any())
            return Refuse(GoesInCircles);
        var removed = AuthResultsField.FindForged(header, _server);
        var client = _clients.Find(envelope.Peer, header);
        if (client.IsOurs)
            return new CheckedArrival(null, false, Exempt, removed, AuthResultsField.Format(_server, []));

        var asking = _reputations.OfAsync(client.Address);
        var mailFrom = envelope.Sender.Path.Mailbox;
        var report = await _authenticator.CheckAsync(client.Address, client.Helo, mailFrom?.ToString() ?? "", header, cancellationToken);
        var reputation = await asking.WaitAsync(cancellationToken);
        // Whom a list vouches for is not turned away, whoever it writes in the name of; nor is what came through a relay of ours.
        var rules = RulesFor(envelope.Recipients[0].Path);
        var decision = ArrivalPolicy.Decide(report, client.IsRelayed || reputation.VouchedBy.Count > 0 ? rules.WithoutRefusal() : rules, _trustedSealers);
        if (decision.Reply is { } refusal)
            return Refuse(refusal);
        var verdict = Verdicts.Of(report, decision);
        var isConfirmed = verdict is { Result: "pass", From: not null };
        var sender = await _histories.OfAsync(isConfirmed ? verdict.From : null, client.Address, mailFrom?.Domain.Ascii ?? client.Helo, cancellationToken);

        var mustTake = client.IsRelayed || envelope.Recipients.Any(to => to.State is IReadOnlyList<Destination> destinations && destinations.Any(destination => destination.IsRole));
        if (reputation.IsListed && _onListed == ArrivalAction.Refuse && !mustTake)
            return Refuse(Listed(client.Address!, reputation.BlockedBy[0]));
        var isSuspicious = reputation.IsListed || (!isConfirmed && reputation.VouchedBy.Count == 0 && (reputation.HasNoName || report.Spf?.Result is SpfResult.Fail or SpfResult.SoftFail));
        if (isSuspicious && !mustTake && await _histories.AskToWaitAsync(sender, cancellationToken) is { } wait)
            return Refuse(wait);

        if (decision.Action != ArrivalAction.Junk && reputation.IsListed && _onListed != ArrivalAction.Accept)
            verdict = verdict with { Junk = "listed", Reason = $"{verdict.Reason} Its server is on the block list {reputation.BlockedBy[0]}; it was filed to Junk." };
        verdict = verdict with
        {
            ReverseDns = reputation.Name.Result == ReverseDnsResult.None ? null : new MethodResult(reputation.Name.Word, reputation.Name.Name),
            ListedBy = reputation.BlockedBy is [_, ..] blocked ? blocked : null,
            VouchedBy = reputation.VouchedBy is [_, ..] vouched ? vouched : null,
        };
        return new CheckedArrival(
            null, verdict.Junk is not null, verdict, removed, AuthResultsField.Format(_server, [.. Results(reputation, client.Address), .. report.ToAuthResults(client.Helo)]),
            !client.IsRelayed && reputation.Name.Result == ReverseDnsResult.Pass ? reputation.Name.Name : null, sender);
    }

    /// <summary>Begins to ask about a client, so that the answers are there with its message.</summary>
    public void Begin(SmtpPeer peer)
    {
        if (!IsOurs(peer))
            _ = _reputations.OfAsync(peer.Remote.Address);
    }

    /// <summary>Whether it is known by now that the client is on a block list.</summary>
    public async ValueTask<bool> IsListedAsync(SmtpPeer peer) =>
        !IsOurs(peer) && _reputations.OfAsync(peer.Remote.Address) is { IsCompletedSuccessfully: true } asked && (await asked).IsListed;

    private bool IsOurs(SmtpPeer peer) => peer.IsLmtp || _clients.IsExempt(peer.Remote.Address) || _clients.IsRelay(peer.Remote.Address);

    private static IEnumerable<AuthResult> Results(ClientReputation reputation, IPAddress? client) =>
        reputation.Name.Result == ReverseDnsResult.None || client is null ? [] : [new AuthResult("iprev", reputation.Name.Word, [("policy.iprev", client.ToString())])];

    private static SmtpReply Listed(IPAddress client, string list) => new(
        550, "5.7.1", $"Your server {client} is on the block list {list}; its site says why and how to be taken off. Mail to postmaster here is taken all the same", "listed");

    private static CheckedArrival Refuse(SmtpReply reply) => new(reply, IsJunk: false, Verdict.None, [], "");
}
