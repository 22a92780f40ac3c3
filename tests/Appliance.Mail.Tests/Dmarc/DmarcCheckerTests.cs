using System.Net;
using Appliance.Mail.Dmarc;
using Appliance.Mail.Dns;
using Appliance.Mail.Spf;
using Appliance.Mail.Tests.Dns;

namespace Appliance.Mail.Tests.Dmarc;

/// <summary>Policies and alignment, over real DNS packets.</summary>
public sealed class DmarcCheckerTests : IAsyncLifetime
{
    private readonly ZoneServer _server = new();

    public ValueTask InitializeAsync()
    {
        Add("example.com", "v=DMARC1; p=reject; sp=quarantine; np=reject");
        _server.Add("mail.example.com", ZoneServer.A, IPAddress.Loopback.GetAddressBytes());
        _server.Add("a.mail.example.com", ZoneServer.Mx, ZoneServer.MxData(10, "mail.example.com"));
        Add("strict.example", "v=DMARC1; p=reject; adkim=s; aspf=s");
        Add("testing.example", "v=DMARC1; p=reject; sp=quarantine; t=y");
        Add("monitor.example", "v=DMARC1; p=none");
        Add("twice.example", "v=DMARC1; p=reject", "v=DMARC1; p=none");
        Add("noisy.example", "v=spf1 -all", "v=DMARC1; p=quarantine", "hello");
        Add("broken.example.com", "v=DMARC1; p=banana");
        Add("broken.example", "v=DMARC1; p=reject; sp=banana");
        Add("reporting.example", "v=DMARC1; p=banana; rua=mailto:x@reporting.example");
        _server.Add("_dmarc.aliased.example", ZoneServer.Cname, ZoneServer.NameData("_dmarc.monitor.example"));
        // RFC 9989's cases of the tree walk: a bank below a public suffix, a giant whose parts are organizations, one inside another.
        Add("bank", "v=DMARC1; p=reject; np=reject; psd=y");
        Add("mega.bank", "v=DMARC1; p=quarantine");
        Add("giant.example", "v=DMARC1; p=reject");
        Add("part.giant.example", "v=DMARC1; p=none; psd=n");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    // author, SPF, DKIM, result, policy, where it stands
    [InlineData("example.com", "example.com", "", "pass", "reject", "example.com")]
    [InlineData("example.com", "", "example.com", "pass", "reject", "example.com")]
    [InlineData("EXAMPLE.com", "", "example.com", "pass", "reject", "example.com")]
    [InlineData("example.com", "bounces.example.com", "", "pass", "reject", "example.com")]
    [InlineData("mail.example.com", "other.example.com", "", "pass", "quarantine", "example.com")]
    [InlineData("mail.example.com", "", "example.com", "pass", "quarantine", "example.com")]
    [InlineData("example.com", "example.net", "example.org", "fail", "reject", "example.com")]
    [InlineData("example.com", "notexample.com", "com", "fail", "reject", "example.com")]
    [InlineData("example.com", "", "", "fail", "reject", "example.com")]
    [InlineData("mail.example.com", "", "", "fail", "quarantine", "example.com")]
    [InlineData("a.mail.example.com", "", "", "fail", "quarantine", "example.com")]
    [InlineData("nowhere.example.com", "", "", "fail", "reject", "example.com")] // np
    [InlineData("strict.example", "strict.example", "", "pass", "reject", "strict.example")]
    [InlineData("strict.example", "bounces.strict.example", "mail.strict.example", "fail", "reject", "strict.example")]
    [InlineData("testing.example", "", "", "fail", "quarantine", "testing.example")]
    [InlineData("x.testing.example", "", "", "fail", "none", "testing.example")]
    [InlineData("monitor.example", "", "", "fail", "none", "monitor.example")]
    [InlineData("twice.example", "", "", "none", "none", null)]
    [InlineData("noisy.example", "", "", "fail", "quarantine", "noisy.example")]
    [InlineData("broken.example.com", "", "", "none", "none", null)] // not its organization's instead
    [InlineData("x.broken.example", "", "", "none", "none", null)]
    [InlineData("reporting.example", "", "", "fail", "none", "reporting.example")]
    [InlineData("aliased.example", "", "", "fail", "none", "aliased.example")]
    [InlineData("nothing.example", "nothing.example", "", "none", "none", null)]
    [InlineData("mega.bank", "", "", "fail", "quarantine", "mega.bank")]
    [InlineData("mega.bank", "x.mega.bank", "", "pass", "quarantine", "mega.bank")]
    [InlineData("mega.bank", "mini.bank", "bank", "fail", "quarantine", "mega.bank")] // others below the suffix, and the suffix, are strangers
    [InlineData("mini.bank", "mini.bank", "", "pass", "reject", "bank")]
    [InlineData("x.mini.bank", "mini.bank", "", "pass", "reject", "bank")]
    [InlineData("mini.bank", "", "mega.bank", "fail", "reject", "bank")]
    [InlineData("part.giant.example", "", "giant.example", "fail", "none", "part.giant.example")]
    [InlineData("x.part.giant.example", "", "part.giant.example", "pass", "none", "part.giant.example")]
    [InlineData("giant.example", "", "x.part.giant.example", "fail", "reject", "giant.example")]
    [InlineData("giant.example", "", "whole.giant.example", "pass", "reject", "giant.example")]
    public async Task Weighs_what_SPF_and_DKIM_say_of_the_author(string author, string spf, string dkim, string result, string policy, string? where)
    {
        var outcome = await CheckAsync(author, spf, dkim);
        Assert.Equal((result, policy, where), (outcome.Word, DmarcRecord.Word(outcome.Policy), outcome.PolicyDomain));
        Assert.NotEmpty(outcome.Reason);
    }

    [Fact]
    public async Task An_international_author_is_asked_in_A_labels()
    {
        Add("xn--bcher-kva.example", "v=DMARC1; p=reject");
        Assert.Equal(("pass", "xn--bcher-kva.example"), await CheckAsync("b\u00fccher.example", "", "xn--bcher-kva.example") is var outcome ? (outcome.Word, outcome.AuthorDomain) : default);
    }

    [Fact]
    public async Task A_domain_that_asks_for_nothing_may_still_have_sent_it()
    {
        var outcome = await CheckAsync("nothing.example", "nothing.example", "other.example");
        Assert.Equal((DmarcResult.None, true, 0), (outcome.Result, outcome.SpfAligned, outcome.AlignedDkimDomains.Count));
    }

    [Theory]
    [InlineData("_dmarc.nothing.example", "nothing.example", "", "temperror")] // is there a policy?
    [InlineData("_dmarc.x.example.com", "example.com", "x.example.com", "temperror")] // is it of the organization?
    [InlineData("_dmarc.x.example.com", "example.com", "example.com", "pass")] // that one need not be asked
    [InlineData("_dmarc.com", "example.com", "example.com", "pass")]
    [InlineData("_dmarc.com", "example.com", "bounces.example.com", "temperror")]
    public async Task What_the_DNS_does_not_say_is_temporary(string silent, string author, string spf, string result)
    {
        _server.Silent.Add(silent);
        Assert.Equal(result, (await CheckAsync(author, spf, "")).Word);
    }

    [Theory]
    [InlineData(SpfResult.TempError, false, DmarcResult.TempError)]
    [InlineData(SpfResult.Fail, true, DmarcResult.TempError)]
    [InlineData(SpfResult.Fail, false, DmarcResult.Fail)]
    public async Task A_check_that_could_not_be_made_is_no_failure(SpfResult spf, bool dkimTempError, DmarcResult expected)
    {
        var outcome = await new DmarcChecker(Resolver()).CheckAsync("example.com", new SpfOutcome(spf, "example.com", "", 1), [], dkimTempError, TestContext.Current.CancellationToken);
        Assert.Equal(expected, outcome.Result);
    }

    [Fact]
    public async Task A_subdomain_of_which_the_DNS_does_not_say_whether_it_exists_gets_the_milder_policy()
    {
        _server.Silent.Add("perhaps.example.com");
        _server.Names["perhaps.example.com"] = [];
        Assert.Equal(DmarcPolicy.Quarantine, (await CheckAsync("perhaps.example.com", "", "")).Policy);
    }

    [Theory]
    [InlineData("not a domain")]
    [InlineData("")]
    [InlineData("[192.0.2.1]")]
    public async Task What_is_no_domain_is_no_author(string author) => Assert.Equal(DmarcResult.PermError, (await CheckAsync(author, "", "")).Result);

    [Fact]
    public async Task Asks_eight_questions_however_deep_the_name()
    {
        var author = string.Join('.', Enumerable.Range(0, 100).Select(label => (char)('a' + (label % 26)))) + ".example.com";
        var outcome = await CheckAsync(author, "", "");
        Assert.Equal((DmarcResult.Fail, "example.com"), (outcome.Result, outcome.PolicyDomain));
        Assert.InRange(_server.Questions, 1, 8 + 3); // and whether the author exists
    }

    [Fact]
    public async Task Of_many_signers_only_some_are_looked_at()
    {
        var signers = Enumerable.Range(0, 200).Select(number => $"s{number}.example.com").ToList();
        await new DmarcChecker(Resolver()).CheckAsync("example.com", null, signers, false, TestContext.Current.CancellationToken);
        Assert.InRange(_server.Questions, 1, 2 + (10 * 3));
    }

    [Theory]
    [InlineData(5_000)]
    [InlineData(10)]
    public async Task A_domain_that_answers_a_heap_is_answered_by_the_record_in_it(int octets)
    {
        Add("heap.example", [.. Enumerable.Range(0, 40_000 / (octets + 50)).Select(_ => new string('x', octets)), "v=DMARC1; p=reject"]);
        Assert.Equal(DmarcPolicy.Reject, (await CheckAsync("heap.example", "", "")).Policy);
    }

    private void Add(string domain, params string[] texts)
    {
        foreach (var text in texts)
            _server.AddText("_dmarc." + domain, text);
    }

    private DnsResolver Resolver() => new(new DnsOptions { Servers = [_server.Address], Timeout = TimeSpan.FromMilliseconds(500), Tries = 1 }, TimeProvider.System);

    private ValueTask<DmarcOutcome> CheckAsync(string author, string spf, string dkim) => new DmarcChecker(Resolver()).CheckAsync(
        author,
        spf.Length > 0 ? new SpfOutcome(SpfResult.Pass, spf, "", 1) : null,
        dkim.Length > 0 ? [dkim] : [],
        dkimTempError: false,
        TestContext.Current.CancellationToken);
}
