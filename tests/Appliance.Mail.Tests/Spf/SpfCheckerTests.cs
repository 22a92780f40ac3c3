using System.Net;
using Appliance.Mail.Dns;
using Appliance.Mail.Spf;
using CsCheck;

namespace Appliance.Mail.Tests.Spf;

/// <summary>SPF beside the suite: records made to cost, records made of noise, and what is said of a sender.</summary>
public sealed class SpfCheckerTests
{
    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.1");
    private readonly Zone _zone = new();

    [Theory]
    [InlineData("include:loop.example -all")]
    [InlineData("redirect=loop.example")]
    [InlineData("include:%{d}.x -all")]
    public async Task A_record_that_leads_back_to_itself_ends_at_ten_lookups(string record)
    {
        _zone.Default = "v=spf1 " + record;
        var outcome = await CheckAsync("user@loop.example");
        Assert.Equal(SpfResult.PermError, outcome.Result);
        Assert.Equal(11, outcome.Lookups);
        Assert.InRange(_zone.Questions, 1, 12);
    }

    [Fact]
    public async Task A_storm_of_names_that_do_not_exist_ends_at_the_third()
    {
        _zone.Texts["storm.example"] = "v=spf1 " + string.Join(' ', Enumerable.Range(0, 9).Select(i => $"a:{i}.none.example")) + " -all";
        Assert.Equal(SpfResult.PermError, (await CheckAsync("user@storm.example")).Result);
        Assert.Equal(4, _zone.Questions);
    }

    [Fact]
    public async Task A_name_of_a_million_labels_is_cut_in_a_moment()
    {
        _zone.Texts["long.example"] = $"v=spf1 exists:{string.Concat(Enumerable.Repeat("%{h}.", 12_000))}example -all";
        var checking = Task.Run(() => new SpfChecker(_zone, TimeProvider.System).CheckSenderAsync(Client, string.Join('.', Enumerable.Repeat('a', 128)), "user@long.example", CancellationToken.None).AsTask());
        await checking.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken); // it took minutes, and would not be called off
    }

    [Fact]
    public async Task The_clients_name_is_looked_up_once_however_often_a_record_has_it()
    {
        _zone.Names = 10;
        _zone.Texts["names.example"] = "v=spf1 exists:%{p}.1.example exists:%{p}.%{p}.%{p}.%{p}.example ptr:other.example -all";
        Assert.Equal(SpfResult.Fail, (await CheckAsync("user@names.example")).Result);
        Assert.Equal(1 + 1 + 10 + 2, _zone.Questions); // the record, the pointer, its names, and what was asked for
    }

    [Fact]
    public async Task A_dns_that_takes_its_time_is_not_waited_for()
    {
        _zone.Texts["slow.example"] = "v=spf1 -all";
        _zone.Delay = Timeout.InfiniteTimeSpan;
        var outcome = await new SpfChecker(_zone, TimeProvider.System, deadline: TimeSpan.FromMilliseconds(50))
            .CheckSenderAsync(Client, "slow.example", "", TestContext.Current.CancellationToken);
        Assert.Equal(SpfResult.TempError, outcome.Result);
    }

    [Fact]
    public async Task A_failing_dns_is_a_temporary_error_wherever_it_fails()
    {
        _zone.Texts["half.example"] = "v=spf1 include:failed.example -all";
        _zone.Failed.Add("failed.example");
        Assert.Equal(SpfResult.TempError, (await CheckAsync("user@half.example")).Result);
        Assert.Equal(SpfResult.TempError, (await CheckAsync("user@failed.example")).Result);
    }

    [Theory]
    [InlineData("user@b\u00fccher.example")]
    [InlineData("user@xn--bcher-kva.example")]
    public async Task A_name_in_any_script_is_asked_in_a_labels(string sender)
    {
        _zone.Texts["xn--bcher-kva.example"] = "v=spf1 ip4:192.0.2.0/24 -all";
        var outcome = await CheckAsync(sender);
        Assert.Equal((SpfResult.Pass, "xn--bcher-kva.example"), (outcome.Result, outcome.Domain));
    }

    [Fact]
    public async Task Helo_is_an_identity_of_its_own()
    {
        _zone.Texts["mail.example"] = "v=spf1 -all";
        _zone.Texts["from.example"] = "v=spf1 +all";
        var checker = new SpfChecker(_zone, TimeProvider.System);
        Assert.Equal(SpfResult.Fail, (await checker.CheckHeloAsync(Client, "mail.example", TestContext.Current.CancellationToken)).Result);
        Assert.Equal(SpfResult.Pass, (await checker.CheckSenderAsync(Client, "mail.example", "a@from.example", TestContext.Current.CancellationToken)).Result);
        Assert.Equal(SpfResult.None, (await checker.CheckHeloAsync(Client, "[192.0.2.1]", TestContext.Current.CancellationToken)).Result);
    }

    [Fact]
    public void No_record_and_no_macro_throws_whatever_stands_in_it()
    {
        var piece = Gen.OneOf(
            OneOf("a", "mx", "ip4:", "ip6:", "include:", "exists:", "ptr", "redirect=", "exp=", "all", "/24", "//64", "%{", "}", "%{ir}", "%{d2r.-}", "%%", "%_", ":", ".", "-", "1.2.3.4", "::1", " ", "\u00e9", "\0"),
            Gen.String[Gen.Char[' ', '\u00ff'], 0, 8]);
        Gen.Select(piece.Array[0, 12], pieces => "v=spf1 " + string.Concat(pieces)).Sample(text =>
        {
            var (record, wrong) = SpfRecord.Parse(text);
            Assert.True(record is null != wrong is null);
        });
    }

    [Fact]
    public Task Any_sender_has_a_result_under_any_record()
    {
        var name = Gen.String[Gen.OneOf(Gen.Char['a', 'c'], OneOf('.', '@', '%', '{', '}', '"', '\u00fc', ' ')), 0, 20];
        return Gen.Select(name, name, OneOf("exists:%{l}.%{d} -all", "include:%{s1r+-} -all", "a:%{h} mx:%{o2}.example -all", "redirect=%{p}.example", "exp=%{L}.%{i}.example -all")).SampleAsync(async (sender, helo, record) =>
        {
            var zone = new Zone { Default = "v=spf1 " + record };
            var outcome = await new SpfChecker(zone, TimeProvider.System).CheckSenderAsync(Client, helo, sender, CancellationToken.None);
            Assert.NotEmpty(outcome.Reason);
        }, iter: 2_000);
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private ValueTask<SpfOutcome> CheckAsync(string sender) =>
        new SpfChecker(_zone, TimeProvider.System).CheckSenderAsync(Client, "mail.example", sender, TestContext.Current.CancellationToken);

    /// <summary>The outside world's DNS, as far as texts go.</summary>
    private sealed class Zone : IDnsResolver
    {
        public Dictionary<string, string> Texts { get; } = [];

        public HashSet<string> Failed { get; } = [];

        /// <summary>What every other name says.</summary>
        public string? Default { get; set; }

        /// <summary>How many names the client has, all of them somebody else's.</summary>
        public int Names { get; set; }

        public TimeSpan Delay { get; set; }

        public int Questions { get; private set; }

        public async ValueTask<DnsAnswer> QueryAsync(string name, DnsType type, CancellationToken cancellationToken)
        {
            Questions++;
            await Task.Delay(Delay, cancellationToken);
            if (Failed.Contains(name))
                return DnsAnswer.Failed;
            if (type == DnsType.Ptr && Names > 0)
                return new DnsAnswer(DnsOutcome.Found, [.. Enumerable.Range(0, Names).Select(i => new PtrRecord($"{i}.names.test"))]);
            return type == DnsType.Txt && (Texts.GetValueOrDefault(name) ?? Default) is { } text
                ? new DnsAnswer(DnsOutcome.Found, [new TxtRecord(text)])
                : DnsAnswer.NoName;
        }
    }
}
