using System.Buffers;
using System.Collections.ObjectModel;
using System.Net;
using Appliance.Crypto.Formats;
using Appliance.Mail.Addresses;
using Appliance.Mail.Arrivals;
using Appliance.Mail.Authentication;
using Appliance.Mail.AuthResults;
using Appliance.Mail.Dns;
using Appliance.Mail.Headers;
using Appliance.Mail.Junk;
using Appliance.Mail.ReverseDns;
using Appliance.Mail.Smtp;
using Appliance.Mail.Spf;
using Appliance.Server.Domains;
using Appliance.Server.Inbound.Filters;
using Appliance.Server.Inbound.Senders;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

/// <summary>What was found of a message before it is sealed, and what becomes of it.</summary>
/// <param name="Refusal">Null when it is kept.</param>
/// <param name="Arrival">What it is made of; null when that was not looked at.</param>
internal sealed record CheckedArrival(SmtpReply? Refusal, Arrival? Arrival)
{
    public Verdict Verdict { get; init; } = Verdict.None;

    /// <summary>The value of Authentication-Results.</summary>
    public string AuthResults { get; init; } = "";

    /// <summary>The client's name in the DNS, when it leads back to it.</summary>
    public string? ClientName { get; init; }

    /// <summary>Whose history this goes into; null when nobody asks about it.</summary>
    public ObjectId? Sender { get; init; }

    /// <summary>What members said of its sender.</summary>
    public IReadOnlyDictionary<MailboxId, SenderAction> Rules { get; init; } = ReadOnlyDictionary<MailboxId, SenderAction>.Empty;

    public bool IsJunk => Verdict.Junk is not null;

    public FolderRole FolderFor(MailboxId mailbox) =>
        Rules.TryGetValue(mailbox, out var rule) ? (rule == SenderAction.Allow ? FolderRole.Inbox : FolderRole.Junk)
        : IsJunk ? FolderRole.Junk
        : FolderRole.Inbox;
}

/// <summary>
/// Decides on an arriving message in one place, once all of it is here: where it comes from, by the rules of the domain it came to; what others say of its client, what was seen of its sender before,
/// what filters say; and what the members it goes to have said of its sender.
/// </summary>
internal sealed class ArrivalChecks
{
    private static readonly SmtpReply HeaderTooLong = new(
        552, "5.3.4", $"The header of this message has more than {HeaderBlock.MostBytes} bytes or {HeaderBlock.MostFields} fields and cannot be checked; send what it holds in the body");

    /// <summary>RFC 5321 §6.3 has loops found by counting; honest mail passes far fewer servers.</summary>
    private const int MostHops = 50;

    private static readonly SmtpReply GoesInCircles = new(
        554, "5.4.6", $"This message has passed more than {MostHops} servers and seems to go in circles; look for a forwarding loop");

    internal static readonly SmtpReply Blocked = new(550, "5.7.1", "The recipient takes no mail from this sender", "blocked");

    private static readonly Verdict Exempt = new("none", "It came from this server's own machine or network, or through another mail server of its operator, and was not checked here.");

    private readonly IStore _store;
    private readonly OriginalClients _clients;
    private readonly ClientReputations _reputations;
    private readonly SenderHistories _histories;
    private readonly SenderRules _senderRules;
    private readonly ContentFilters _filters;
    private readonly MailAuthenticator _authenticator;
    private readonly MailAuthOptions _options;
    private readonly ArrivalAction _onListed;
    private readonly double _junkPoints;
    private readonly IReadOnlySet<string> _trustedSealers;
    private readonly string _server;

    public ArrivalChecks(
        IStore store, IDnsResolver dns, OriginalClients clients, ClientReputations reputations, SenderHistories histories, SenderRules senderRules, ContentFilters filters,
        IOptions<MailAuthOptions> options, IOptions<SenderOptions> senders, IOptions<FilterOptions> filtering, IOptions<MxOptions> mx, TimeProvider time)
    {
        (_store, _clients, _reputations, _histories, _senderRules, _filters) = (store, clients, reputations, histories, senderRules, filters);
        (_options, _onListed, _junkPoints, _server) = (options.Value, senders.Value.OnListed, filtering.Value.JunkPoints, mx.Value.EffectiveHostName);
        _trustedSealers = _options.TrustedSealerDomains;
        _authenticator = new MailAuthenticator(dns, time, _server, TimeSpan.FromSeconds(_options.DeadlineSeconds));
    }

    /// <summary>By whose rules mail to this recipient is judged; a message has one judgement, so recipients of one message share them.</summary>
    public ArrivalRules RulesFor(SmtpPath recipient) => _options.RulesFor(recipient.Mailbox?.Domain.Ascii ?? "");

    public async ValueTask<CheckedArrival> CheckAsync(SmtpEnvelope envelope, ReadOnlySequence<byte> message, CancellationToken cancellationToken)
    {
        using var header = HeaderBlock.Read(message);
        if (header is null)
            return new CheckedArrival(HeaderTooLong, null);
        if (header.All("Received").Skip(MostHops).Any())
            return new CheckedArrival(GoesInCircles, null);
        var arrival = ArrivalReader.Read(message, AuthResultsField.FindForged(header, _server));
        var client = _clients.Find(envelope.Peer, header);
        var destinations = envelope.Recipients.SelectMany(to => to.State as IReadOnlyList<Destination> ?? []).ToList();
        var authors = Authors.In(header);
        var words = await WordsAsync(destinations, authors.Addresses, envelope.Sender, cancellationToken);
        if (!client.IsRelayed && IsBlockedByAll(destinations, words))
            return new CheckedArrival(Blocked, arrival);
        if (client.IsOurs)
            return new CheckedArrival(null, arrival) { Verdict = Exempt, AuthResults = AuthResultsField.Format(_server, []), Rules = words };
        return await JudgeAsync(new Case(envelope, message, header, arrival, authors, client, destinations, words), cancellationToken);
    }

    private async ValueTask<CheckedArrival> JudgeAsync(Case at, CancellationToken cancellationToken)
    {
        var (envelope, client) = (at.Envelope, at.Client);
        var asking = _reputations.OfAsync(client.Address);
        var mailFrom = envelope.Sender.Path.Mailbox;
        var report = await _authenticator.CheckAsync(client.Address, client.Helo, mailFrom?.ToString() ?? "", at.Header, at.Authors.Domains, cancellationToken);
        var reputation = await asking.WaitAsync(cancellationToken);
        // Whom a list vouches for is not turned away, whoever it writes in the name of; nor is what came through a relay of ours.
        var rules = RulesFor(envelope.Recipients[0].Path);
        var decision = ArrivalPolicy.Decide(report, client.IsRelayed || reputation.VouchedBy.Count > 0 ? rules.WithoutRefusal() : rules, _trustedSealers);
        if (decision.Reply is { } refusal)
            return new CheckedArrival(refusal, at.Arrival);

        var verdict = WithReputation(Verdicts.Of(report, decision), reputation);
        var isConfirmed = verdict is { Result: "pass", From: not null };
        var sender = await _histories.OfAsync(isConfirmed ? verdict.From : null, client.Address, mailFrom?.Domain.Ascii ?? client.Helo, cancellationToken);
        // Who allowed a sender allowed no one who uses its name.
        var words = verdict.Result == "fail" ? at.Words.Where(word => word.Value == SenderAction.Block).ToDictionary() : at.Words;
        var mustTake = client.IsRelayed || words.ContainsValue(SenderAction.Allow) || at.Destinations.Any(to => to.IsRole);
        if (reputation.IsListed && _onListed == ArrivalAction.Refuse && !mustTake)
            return new CheckedArrival(Listed(client.Address!, reputation.BlockedBy[0]), at.Arrival);
        var isSuspicious = reputation.IsListed || (!isConfirmed && reputation.VouchedBy.Count == 0 && (reputation.HasNoName || report.Spf?.Result is SpfResult.Fail or SpfResult.SoftFail));
        if (isSuspicious && !mustTake && await _histories.AskToWaitAsync(sender, client.Address, cancellationToken) is { } wait)
            return new CheckedArrival(wait, at.Arrival);

        var filtered = await _filters.CheckAsync(envelope, client, at.Message, mustTake, cancellationToken);
        if (filtered.Refusal is { } filterRefusal)
            return new CheckedArrival(filterRefusal, at.Arrival);
        var signs = JunkSigns.Of(new JunkEvidence(
            at.Arrival.Summary, at.Message, verdict, client.Helo, _histories.KeptOf(sender) >= SenderHistories.ManyKept, domain => _store.FindMainDomain(domain) is not null));
        var points = signs.Sum(sign => sign.Points);
        var isForRole = at.Destinations.Any(to => to.IsRole);
        verdict = verdict with
        {
            Signs = signs.Count > 0 ? [.. signs.Select(sign => sign.Code)] : null,
            Points = signs.Count > 0 ? points : null,
            Filters = filtered.Results.Count > 0 ? filtered.Results : null,
            Junk = verdict.Junk
                ?? (reputation.IsListed && _onListed != ArrivalAction.Accept && !isForRole ? "listed" : null)
                ?? (isForRole ? null : filtered.Junk)
                ?? (_junkPoints > 0 && points >= _junkPoints && !isForRole ? "signs" : null),
        };
        return new CheckedArrival(null, at.Arrival)
        {
            Verdict = verdict,
            AuthResults = AuthResultsField.Format(_server, [.. Results(reputation, client.Address), .. report.ToAuthResults(client.Helo)]),
            ClientName = !client.IsRelayed && reputation.Name.Result == ReverseDnsResult.Pass ? reputation.Name.Name : null,
            Sender = sender,
            Rules = words,
        };
    }

    /// <summary>Whether everybody behind an address has blocked the envelope's sender, who can be told so.</summary>
    public async ValueTask<bool> IsBlockedAsync(SmtpPeer peer, SmtpSender sender, IReadOnlyList<Destination> destinations, CancellationToken cancellationToken) =>
        !_clients.IsRelayed(peer) && IsBlockedByAll(destinations, await WordsAsync(destinations, [], sender, cancellationToken));

    /// <summary>Begins to ask about a client, so that the answers are there with its message.</summary>
    public void Begin(SmtpPeer peer)
    {
        if (!_clients.IsOurs(peer))
            _ = _reputations.OfAsync(peer.Remote.Address);
    }

    /// <summary>Whether it is known by now that the client is on a block list.</summary>
    public async ValueTask<bool> IsListedAsync(SmtpPeer peer) =>
        !_clients.IsOurs(peer) && _reputations.OfAsync(peer.Remote.Address) is { IsCompletedSuccessfully: true } asked && (await asked).IsListed;

    /// <summary>What the members whom it goes to have said of its sender; nothing of those who said nothing.</summary>
    private async ValueTask<Dictionary<MailboxId, SenderAction>> WordsAsync(
        IReadOnlyList<Destination> destinations, IReadOnlyList<Mailbox> authors, SmtpSender sender, CancellationToken cancellationToken)
    {
        var words = new Dictionary<MailboxId, SenderAction>();
        foreach (var to in destinations.Where(to => !to.IsRole))
            if (await _senderRules.FindAsync(to.MailboxId, authors, sender.Path.Mailbox, cancellationToken) is { } word)
                words[to.MailboxId] = word;
        return words;
    }

    private static bool IsBlockedByAll(IReadOnlyList<Destination> destinations, Dictionary<MailboxId, SenderAction> words) =>
        destinations.Count > 0 && destinations.All(to => words.TryGetValue(to.MailboxId, out var word) && word == SenderAction.Block);

    private static Verdict WithReputation(Verdict verdict, ClientReputation reputation) => verdict with
    {
        ReverseDns = reputation.Name.Result == ReverseDnsResult.None ? null : new MethodResult(reputation.Name.Word, reputation.Name.Name),
        ListedBy = reputation.BlockedBy is [_, ..] blocked ? blocked : null,
        VouchedBy = reputation.VouchedBy is [_, ..] vouched ? vouched : null,
    };

    private static IEnumerable<AuthResult> Results(ClientReputation reputation, IPAddress? client) =>
        reputation.Name.Result == ReverseDnsResult.None || client is null ? [] : [new AuthResult("iprev", reputation.Name.Word, [("policy.iprev", client.ToString())])];

    private static SmtpReply Listed(IPAddress client, string list) => new(
        550, "5.7.1", $"Your server {client} is on the block list {list}; its site says why and how to be taken off. Mail to postmaster here is taken all the same", "listed");

    /// <param name="Words">What members said of its sender.</param>
    private sealed record Case(
        SmtpEnvelope Envelope, ReadOnlySequence<byte> Message, HeaderBlock Header, Arrival Arrival, Authors Authors, OriginalClient Client, IReadOnlyList<Destination> Destinations,
        Dictionary<MailboxId, SenderAction> Words);
}
