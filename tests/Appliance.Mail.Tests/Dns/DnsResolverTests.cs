using System.Diagnostics;
using Appliance.Mail.Dns;

namespace Appliance.Mail.Tests.Dns;

/// <summary>The resolver against a server that answers, lies, or says nothing.</summary>
public sealed class DnsResolverTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);
    private readonly ZoneServer _server = new() { TimeToLive = 60 };
    private readonly SetTime _time = new();

    public ValueTask InitializeAsync()
    {
        _server.AddText("text.example", "one ", "and\u00e9two");
        return default;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Strings_of_a_text_are_joined_octet_by_octet()
    {
        var answer = await AskAsync(Resolver(), "Text.Example.");
        Assert.Equal(new TxtRecord("one and\u00e9two"), Assert.Single(answer.Records));
        Assert.False(answer.IsAuthentic);
    }

    [Fact]
    public async Task What_was_answered_holds_for_its_time_to_live()
    {
        var resolver = Resolver();
        await AskAsync(resolver, "text.example");
        _time.Passed += TimeSpan.FromSeconds(59);
        await AskAsync(resolver, "text.example");
        Assert.Equal(1, _server.Questions);
        _time.Passed += TimeSpan.FromSeconds(1);
        await AskAsync(resolver, "text.example");
        Assert.Equal(2, _server.Questions);
    }

    [Theory]
    [InlineData(-60)]
    [InlineData(60)]
    public async Task And_no_longer_nor_shorter_when_the_clock_is_set(int minutes)
    {
        var resolver = Resolver();
        await AskAsync(resolver, "text.example");
        _time.Step = TimeSpan.FromMinutes(minutes);
        _time.Passed = TimeSpan.FromSeconds(59);
        await AskAsync(resolver, "text.example");
        Assert.Equal(1, _server.Questions);
        _time.Passed = TimeSpan.FromSeconds(60);
        await AskAsync(resolver, "text.example");
        Assert.Equal(2, _server.Questions);
    }

    [Fact]
    public async Task That_there_is_nothing_is_remembered_too()
    {
        _server.Names["there.example"] = [];
        var resolver = Resolver();
        Assert.Equal(DnsOutcome.NoName, (await AskAsync(resolver, "none.example")).Outcome);
        Assert.Equal(DnsOutcome.NoData, (await AskAsync(resolver, "there.example")).Outcome);
        Assert.Equal(DnsOutcome.NoName, (await AskAsync(resolver, "none.example")).Outcome);
        Assert.Equal(DnsOutcome.NoData, (await AskAsync(resolver, "there.example")).Outcome);
        Assert.Equal(2, _server.Questions);
    }

    [Fact]
    public async Task Fifty_who_ask_the_same_cause_one_question()
    {
        var resolver = Resolver();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => AskAsync(resolver, "text.example")));
        Assert.All(answers, answer => Assert.Equal(DnsOutcome.Found, answer.Outcome));
        Assert.Equal(1, _server.Questions);
    }

    [Fact]
    public async Task A_large_text_comes_over_tcp_and_is_whole()
    {
        _server.AddText("large.example", new string('x', 30_000));
        var answer = await AskAsync(Resolver(), "large.example");
        Assert.Equal(30_000, ((TxtRecord)Assert.Single(answer.Records)).Text.Length);
    }

    [Fact]
    public async Task A_name_that_cannot_be_asked_is_not_there()
    {
        foreach (var name in new[] { "", ".", "a..example", new string('a', 64) + ".example", string.Join('.', Enumerable.Repeat("label", 60)) })
            Assert.Equal(DnsOutcome.NoName, (await AskAsync(Resolver(), name)).Outcome);
        Assert.Equal(0, _server.Questions);
    }

    [Fact]
    public async Task Silence_is_a_failure_and_not_an_answer()
    {
        _server.Silent.Add("silent.example");
        Assert.Equal(DnsOutcome.Failed, (await AskAsync(Resolver(), "silent.example")).Outcome);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("another question's number")]
    [InlineData("a header alone")]
    [InlineData("a name that points at itself")]
    [InlineData("more answers than there are")]
    [InlineData("noise")]
    [InlineData("always truncated")]
    [InlineData("refused")]
    public async Task Lies_are_failures_within_bounded_time(string lie)
    {
        _server.Lie = question => lie switch
        {
            "nothing" => [],
            "another question's number" => [(byte)~question[0], .. question[1..2], 0x81, 0x80, .. question[4..]],
            "a header alone" => [.. question[..2], 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0],
            "a name that points at itself" => [.. question[..2], 0x81, 0x80, 0, 0, 0, 1, 0, 0, 0, 0, 0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 9, 0, 2, 1, 65],
            "more answers than there are" => [.. question[..2], 0x81, 0x80, 0, 0, 0xff, 0xff, 0, 0, 0, 0],
            "noise" => [.. question[..2], .. Enumerable.Range(0, 600).Select(i => (byte)(i * 37))],
            "always truncated" => [.. question[..2], 0x83, 0x80, 0, 0, 0, 0, 0, 0, 0, 0],
            _ => [.. question[..2], 0x81, 0x85, 0, 0, 0, 0, 0, 0, 0, 0],
        };
        var started = Stopwatch.GetTimestamp();
        Assert.Equal(DnsOutcome.Failed, (await AskAsync(Resolver(), "text.example")).Outcome);
        Assert.True(Stopwatch.GetElapsedTime(started) < Long);
    }

    [Fact]
    public void Ten_thousand_answers_do_not_fill_memory()
    {
        var cache = new DnsCache(_time, mostBytes: 100_000);
        for (var i = 0; i < 10_000; i++)
            cache.Keep($"{i}.example", DnsType.Txt, new DnsAnswer(DnsOutcome.Found, [new TxtRecord(new string('x', 100))]), TimeSpan.FromHours(1));
        Assert.InRange(Enumerable.Range(0, 10_000).Count(i => cache.Find($"{i}.example", DnsType.Txt) is not null), 1, 300);
        Assert.NotNull(cache.Find("9999.example", DnsType.Txt));
        cache.Keep("huge.example", DnsType.Txt, new DnsAnswer(DnsOutcome.Found, [new TxtRecord(new string('x', 60_000))]), TimeSpan.FromHours(1));
        Assert.Null(cache.Find("huge.example", DnsType.Txt));
    }

    [Fact]
    public void Names_in_answers_take_their_room()
    {
        var cache = new DnsCache(_time, mostBytes: 100_000);
        var name = new string('x', 250); // a label of its own and the rest by reference: some 20 octets of an answer
        for (var i = 0; i < 20; i++)
        {
            cache.Keep($"{i}.mx.example", DnsType.Mx, new DnsAnswer(DnsOutcome.Found, [.. Enumerable.Range(0, 20).Select(j => new MxRecord(j, name))]), TimeSpan.FromHours(1));
            cache.Keep($"{i}.ptr.example", DnsType.Ptr, new DnsAnswer(DnsOutcome.Found, [.. Enumerable.Repeat(new PtrRecord(name), 20)]), TimeSpan.FromHours(1));
        }
        Assert.InRange(Enumerable.Range(0, 20).Count(i => cache.Find($"{i}.mx.example", DnsType.Mx) is not null), 1, 5);
        Assert.InRange(Enumerable.Range(0, 20).Count(i => cache.Find($"{i}.ptr.example", DnsType.Ptr) is not null), 1, 5);
    }

    private DnsResolver Resolver() => new(new DnsOptions { Servers = [_server.Address], Timeout = TimeSpan.FromMilliseconds(400), Tries = 1 }, _time);

    private static Task<DnsAnswer> AskAsync(DnsResolver resolver, string name) =>
        resolver.QueryAsync(name, DnsType.Txt, TestContext.Current.CancellationToken).AsTask();

    private sealed class SetTime : TimeProvider
    {
        public TimeSpan Passed { get; set; }

        /// <summary>By so much the clock was set.</summary>
        public TimeSpan Step { get; set; }

        public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero) + Passed + Step;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Passed.Ticks;
    }
}
