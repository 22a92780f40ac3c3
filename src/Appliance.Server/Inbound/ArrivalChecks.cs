using System.Buffers;
using Appliance.Crypto.Formats;
using Appliance.Mail.Addresses;
using Appliance.Mail.Authentication;
using Appliance.Mail.AuthResults;
using Appliance.Mail.Dns;
using Appliance.Mail.Headers;
using Appliance.Mail.Smtp;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

/// <summary>What was found of a message before it is sealed, and what becomes of it.</summary>
/// <param name="Refusal">Null when it is kept.</param>
/// <param name="IsJunk">Kept in Junk.</param>
/// <param name="Removed">Fields that claimed to be ours.</param>
/// <param name="AuthResults">The value of Authentication-Results.</param>
internal sealed record CheckedArrival(SmtpReply? Refusal, bool IsJunk, Verdict Verdict, IReadOnlyList<RemovedBytes> Removed, string AuthResults);

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

    public ArrivalChecks(IDnsResolver dns, OriginalClients clients, IOptions<MailAuthOptions> options, IOptions<MxOptions> mx, TimeProvider time)
    {
        (_clients, _options, _server) = (clients, options.Value, mx.Value.EffectiveHostName);
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
        var report = await _authenticator.CheckAsync(client.Address, client.Helo, envelope.Sender.Path.Mailbox?.ToString() ?? "", header, cancellationToken);
        var rules = RulesFor(envelope.Recipients[0].Path);
        var decision = ArrivalPolicy.Decide(report, client.IsRelayed ? rules.WithoutRefusal() : rules, _trustedSealers);
        return new CheckedArrival(
            decision.Reply, decision.Action == ArrivalAction.Junk, Verdicts.Of(report, decision), removed, AuthResultsField.Format(_server, report.ToAuthResults(client.Helo)));
    }

    private static CheckedArrival Refuse(SmtpReply reply) => new(reply, IsJunk: false, Verdict.None, [], "");
}
