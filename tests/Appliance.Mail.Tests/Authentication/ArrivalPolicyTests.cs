using System.Net;
using System.Text;
using Appliance.Mail.Arc;
using Appliance.Mail.Authentication;
using Appliance.Mail.AuthResults;
using Appliance.Mail.Dkim;
using Appliance.Mail.Dmarc;
using Appliance.Mail.Tests.Dkim;
using Appliance.Mail.Tests.Dns;
using Appliance.Mail.Tests.Smtp;

namespace Appliance.Mail.Tests.Authentication;

/// <summary>Whole messages, from what the DNS says to what becomes of them and what a reader is told.</summary>
public sealed class ArrivalPolicyTests
{
    private const string Plain = "From: Ann <ann@reject.example>\r\nTo: bob@example.org\r\nSubject: Hello\r\n\r\nHello.\r\n";
    private static readonly IPAddress Theirs = IPAddress.Parse("192.0.2.1");
    private readonly ManualTime _time = new();
    private readonly SigningKey _list = Messages.Ed25519Key("lists.example", "l");
    private readonly SigningKey _author = Messages.Ed25519Key("reject.example", "a");
    private readonly Zone _zone;

    public ArrivalPolicyTests()
    {
        _zone = new Zone
        {
            Texts =
            {
                ["_dmarc.reject.example"] = ["v=DMARC1; p=reject"],
                ["_dmarc.quarantine.example"] = ["v=DMARC1; p=quarantine"],
                ["_dmarc.monitor.example"] = ["v=DMARC1; p=none"],
                ["reject.example"] = ["v=spf1 ip4:192.0.2.1 -all"],
                ["lists.example"] = ["v=spf1 ip4:192.0.2.9 -all"],
                ["plain.example"] = ["v=spf1 ip4:192.0.2.1 -all"],
                ["l._domainkey.lists.example"] = [_list.Record()],
                ["a._domainkey.reject.example"] = [_author.Record()],
            },
        };
    }

    [Theory]
    // From, MAIL FROM, client, more fields, what becomes of it, verdict
    [InlineData("reject.example", "ann@reject.example", "192.0.2.1", "", "Accept", "pass")]
    [InlineData("reject.example", "ann@reject.example", "192.0.2.2", "", "Refuse", "fail")]
    [InlineData("reject.example", "", "192.0.2.2", "", "Refuse", "fail")]
    [InlineData("reject.example", "ann@evil.example", "192.0.2.2", "", "Refuse", "fail")]
    [InlineData("reject.example", "ann@lists.example", "192.0.2.9", "List-Id: Birds <birds.lists.example>\r\n", "Junk", "fail")]
    [InlineData("reject.example", "birds-bounces@lists.example", "192.0.2.9", "", "Junk", "fail")]
    [InlineData("reject.example", "birds-return-12-bob=example.org@lists.example", "192.0.2.9", "", "Junk", "fail")]
    [InlineData("reject.example", "owner-birds@lists.example", "192.0.2.9", "", "Junk", "fail")]
    [InlineData("reject.example", "bounces@reject.example", "192.0.2.2", "", "Refuse", "fail")] // its own bounces are no list's
    [InlineData("quarantine.example", "ann@quarantine.example", "192.0.2.2", "", "Junk", "fail")]
    [InlineData("monitor.example", "ann@monitor.example", "192.0.2.2", "", "Accept", "fail")]
    [InlineData("plain.example", "ann@plain.example", "192.0.2.1", "", "Accept", "pass")] // no policy, yet its own client
    [InlineData("plain.example", "ann@plain.example", "192.0.2.2", "", "Accept", "none")]
    [InlineData("plain.example", "ann@reject.example", "192.0.2.1", "", "Accept", "none")]
    [InlineData("nothing.example", "ann@nothing.example", "192.0.2.2", "", "Accept", "none")]
    public async Task Does_what_the_author_asks_and_no_harm_to_lists(string from, string mailFrom, string client, string fields, string action, string verdict)
    {
        var text = fields + Plain.Replace("reject.example", from, StringComparison.Ordinal);
        var (report, decision) = await DecideAsync(text, mailFrom, IPAddress.Parse(client));
        Assert.Equal((action, verdict), (decision.Action.ToString(), Verdicts.Of(report, decision).Result));
        Assert.Equal(decision.Action == ArrivalAction.Refuse, decision.Reply is { Code: 550, Enhanced: "5.7.26" });
    }

    [Fact]
    public async Task Of_several_authors_the_one_counts_that_asks_for_most()
    {
        var (report, decision) = await DecideAsync("From: x@plain.example\r\n" + Plain, "x@plain.example", Theirs);
        Assert.Equal((ArrivalAction.Refuse, "reject.example"), (decision.Action, report.Dmarc.AuthorDomain));
        (_, decision) = await DecideAsync(Plain.Replace("Ann <ann@reject.example>", "x@plain.example, y@reject.example", StringComparison.Ordinal), "x@plain.example", Theirs);
        Assert.Equal(ArrivalAction.Refuse, decision.Action);
    }

    [Fact]
    public async Task A_message_without_an_author_is_kept_and_vouched_for_by_nobody()
    {
        var (report, decision) = await DecideAsync("Subject: x\r\n\r\n", "ann@plain.example", Theirs);
        Assert.Equal((ArrivalAction.Accept, "none", (string?)null), (decision.Action, Verdicts.Of(report, decision).Result, Verdicts.Of(report, decision).From));
    }

    [Fact]
    public async Task A_signature_survives_where_SPF_does_not()
    {
        var (report, decision) = await DecideAsync(Messages.Signed(Plain, _author), "ann@forwarder.example", IPAddress.Parse("198.51.100.1"));
        var verdict = Verdicts.Of(report, decision);
        Assert.Equal((ArrivalAction.Accept, "pass"), (decision.Action, verdict.Result));
        Assert.Equal("Not known to be sent by forwarder.example (SPF none), signed by reject.example; DMARC pass: reject.example signed it.", verdict.Reason);
    }

    [Theory]
    // trusted, what is done for a trusted chain, what the list says it saw, what becomes of it
    [InlineData("", "Accept", "dmarc=pass header.from=reject.example", "Refuse", "fail")]
    [InlineData("lists.example", "Junk", "dmarc=pass header.from=reject.example", "Junk", "fail")]
    [InlineData("lists.example", "Accept", "dmarc=pass header.from=reject.example", "Accept", "pass")]
    [InlineData("lists.example", "Accept", "dmarc=fail header.from=reject.example", "Junk", "fail")]
    [InlineData("lists.example", "Accept", "dmarc=pass header.from=other.example", "Junk", "fail")]
    [InlineData("lists.example", "Accept", "dmarc=pass", "Junk", "fail")]
    [InlineData("other.example", "Accept", "dmarc=pass header.from=reject.example", "Refuse", "fail")]
    public async Task A_chain_counts_as_far_as_its_sealer_is_trusted(string trusted, string onTrusted, string seen, string action, string verdict)
    {
        var sealedMessage = Sealed(Plain, seen);
        var rules = new ArrivalRules { OnTrustedChain = Enum.Parse<ArrivalAction>(onTrusted) };
        var (report, decision) = await DecideAsync(sealedMessage, "ann@lists.example", IPAddress.Parse("192.0.2.9"), rules, trusted);
        Assert.Equal((action, verdict), (decision.Action.ToString(), Verdicts.Of(report, decision).Result));
    }

    [Fact]
    public async Task A_trusted_chain_counts_for_nothing_once_the_message_was_changed()
    {
        var (report, decision) = await DecideAsync(
            Sealed(Plain, "dmarc=pass header.from=reject.example") + "Buy this.\r\n", "ann@lists.example", IPAddress.Parse("192.0.2.9"), new ArrivalRules { OnTrustedChain = ArrivalAction.Accept }, "lists.example");
        Assert.Equal((ArcResult.Fail, ArrivalAction.Refuse), (report.Arc.Result, decision.Action));
    }

    [Fact]
    public async Task A_trusted_sealer_vouches_for_nothing_that_came_from_it_through_a_stranger()
    {
        using var stranger = Messages.Ed25519Key("stranger.example", "s");
        _zone.Texts["s._domainkey.stranger.example"] = [stranger.Record()];
        var twice = Sealed(Sealed(Plain, "dmarc=pass header.from=reject.example"), "arc=pass", stranger, ArcResult.Pass);
        var rules = new ArrivalRules { OnTrustedChain = ArrivalAction.Accept };
        Assert.Equal(ArrivalAction.Refuse, (await DecideAsync(twice, "ann@stranger.example", Theirs, rules, "lists.example")).Decision.Action);
        Assert.Equal(ArrivalAction.Accept, (await DecideAsync(twice, "ann@stranger.example", Theirs, rules, "lists.example", "stranger.example")).Decision.Action);
    }

    [Theory]
    [InlineData("Accept", "Accept", false)]
    [InlineData("Defer", "Defer", true)]
    public async Task A_DNS_that_does_not_answer_is_temporary(string onTemporaryError, string action, bool isDeferred)
    {
        _zone.Failing.Add("_dmarc.reject.example");
        var (report, decision) = await DecideAsync(Plain, "ann@reject.example", Theirs, new ArrivalRules { OnTemporaryError = Enum.Parse<ArrivalAction>(onTemporaryError) });
        Assert.Equal((action, "temperror"), (decision.Action.ToString(), Verdicts.Of(report, decision).Result));
        Assert.Equal(isDeferred, decision.Reply is { Code: 451 });
    }

    [Theory]
    [InlineData("Junk")]
    [InlineData("Accept")]
    public async Task The_receiver_may_be_milder_than_the_author_asks(string onReject)
    {
        var (_, decision) = await DecideAsync(Plain, "ann@evil.example", IPAddress.Parse("192.0.2.2"), new ArrivalRules { OnReject = Enum.Parse<ArrivalAction>(onReject) });
        Assert.Equal((onReject, (object?)null), (decision.Action.ToString(), decision.Reply));
    }

    [Fact]
    public async Task The_summary_says_it_all_in_parts_and_in_a_sentence()
    {
        var (report, decision) = await DecideAsync("List-Id: <birds.lists.example>\r\n" + Plain, "birds-bounces@lists.example", IPAddress.Parse("192.0.2.9"));
        var verdict = Verdicts.Of(report, decision);
        Assert.Equal(
            "Sent by lists.example, not signed; DMARC fail: nothing shows that reject.example sent or signed it, and asks for reject. "
                + "reject.example asks for reject; it was filed to Junk, since a mailing list may have changed it.",
            verdict.Reason);
        Assert.Equal(("reject.example", "reject", "dmarc-reject"), (verdict.From, verdict.Policy, verdict.Junk));
        Assert.Equal(("pass", "lists.example", false), (verdict.Spf!.Result, verdict.Spf.Domain, verdict.Spf.Aligned));
        Assert.Equal(("fail", "reject.example"), (verdict.Dmarc!.Result, verdict.Dmarc.Domain));
        Assert.Empty(verdict.Dkim!);
        Assert.Null(verdict.Arc);
    }

    [Fact]
    public async Task The_field_says_it_in_the_words_of_RFC_8601()
    {
        var (report, _) = await DecideAsync(Messages.Signed(Plain, _author), "ann@reject.example", Theirs);
        Assert.Equal(
            "mx.example.org; spf=none smtp.helo=client.example; spf=pass smtp.mailfrom=ann@reject.example; dkim=pass header.d=reject.example header.s=a header.a=ed25519-sha256 header.b="
                + report.Dkim[0].Signature + "; dmarc=pass header.from=reject.example policy.dmarc=reject",
            AuthResultsField.Format("mx.example.org", report.ToAuthResults("client.example")).Replace("\"", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Boss <ceo@bank.example\u2061>, ann@plain.example", "none", "Accept")]
    [InlineData("ann@plain.example, Boss <ceo@bank\u200e.example>", "none", "Accept")]
    [InlineData("ann@plain.example, a@1.example, a@2.example, a@3.example, a@4.example, a@reject.example", "none", "Accept")]
    [InlineData("ceo@bank.example\u2061, ann@reject.example", "fail", "Refuse")]
    public async Task An_author_who_cannot_be_read_or_asked_about_is_vouched_for_by_no_other(string from, string verdict, string action)
    {
        var (report, decision) = await DecideAsync($"From: {from}\r\n\r\n", "ann@plain.example", Theirs);
        var told = Verdicts.Of(report, decision);
        Assert.Equal((verdict, action), (told.Result, decision.Action.ToString()));
        Assert.DoesNotContain(Authors.Unreadable, report.Authors);
    }

    [Fact]
    public async Task What_takes_too_long_is_a_temporary_error()
    {
        var silent = new SilentDns();
        using var message = Messages.Read(Messages.Signed(Plain, _author));
        var check = new MailAuthenticator(silent, _time, deadline: TimeSpan.FromSeconds(5)).CheckAsync(Theirs, "client.example", "ann@reject.example", message, TestContext.Current.CancellationToken).AsTask();
        while (!check.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }
        var report = await check;
        Assert.Equal(("temperror", DkimResult.TempError, DmarcResult.TempError), (report.Spf!.Word, report.Dkim[0].Result, report.Dmarc.Result));
    }

    private string Sealed(string text, string seen) => Sealed(text, seen, _list, ArcResult.None);

    private string Sealed(string text, string seen, SigningKey key, ArcResult chain)
    {
        using var message = Messages.Read(text);
        return Encoding.UTF8.GetString(ArcSealer.Seal(message, $"{key.Domain}; {seen}", chain, key, _time.GetUtcNow())!) + text;
    }

    private async Task<(AuthenticationReport Report, ArrivalDecision Decision)> DecideAsync(
        string text, string mailFrom, IPAddress client, ArrivalRules? rules = null, params string[] trusted)
    {
        using var message = Messages.Read(text);
        var report = await new MailAuthenticator(_zone, _time).CheckAsync(client, "client.example", mailFrom, message, TestContext.Current.CancellationToken);
        return (report, ArrivalPolicy.Decide(report, rules ?? new ArrivalRules(), trusted.ToHashSet()));
    }

    private sealed class SilentDns : Appliance.Mail.Dns.IDnsResolver
    {
        public async ValueTask<Appliance.Mail.Dns.DnsAnswer> QueryAsync(string name, Appliance.Mail.Dns.DnsType type, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            throw new InvalidOperationException();
        }
    }
}
