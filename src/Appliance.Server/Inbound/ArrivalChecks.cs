using System.Buffers;
using System.Net;
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
    private readonly IReadOnlyList<IPNetwork> _exempt;
    private readonly IReadOnlySet<string> _trustedSealers;
    private readonly string _server;

    public ArrivalChecks(IDnsResolver dns, IOptions<MailAuthOptions> options, IOptions<MxOptions> mx, TimeProvider time)
    {
        (_options, _server) = (options.Value, mx.Value.EffectiveHostName);
        (_exempt, _trustedSealers) = (_options.ExemptNetworks, _options.TrustedSealerDomains);
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
        var client = envelope.Peer.Remote.Address;
        if (envelope.Peer.IsLmtp || IsExempt(client))
            return new CheckedArrival(null, false, Exempt, removed, AuthResultsField.Format(_server, []));
        var helo = envelope.Peer.Helo ?? "";
        var report = await _authenticator.CheckAsync(client, helo, envelope.Sender.Path.Mailbox?.ToString() ?? "", header, cancellationToken);
        var decision = ArrivalPolicy.Decide(report, RulesFor(envelope.Recipients[0].Path), _trustedSealers);
        return new CheckedArrival(
            decision.Reply, decision.Action == ArrivalAction.Junk, Verdicts.Of(report, decision), removed, AuthResultsField.Format(_server, report.ToAuthResults(helo)));
    }

    /// <summary>Whether mail from there is taken as it comes.</summary>
    public bool IsExempt(IPAddress client)
    {
        var address = client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;
        return _exempt.Any(network => network.Contains(address));
    }

    private static CheckedArrival Refuse(SmtpReply reply) => new(reply, IsJunk: false, Verdict.None, [], "");
}
