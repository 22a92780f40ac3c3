using System.Net;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Keys;
using Appliance.Mail.Addresses;
using Appliance.Mail.Smtp;
using Appliance.Server.Accounts;
using Appliance.Server.Inbound;
using Appliance.Server.Inbound.Filters;
using Appliance.Server.Inbound.Refusals;
using Appliance.Server.Inbound.Senders;
using Appliance.Server.Inbound.Traces;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Appliance.Server.Tests.Inbound;

/// <summary>What is remembered of senders and their mail: for how long, how much, and under which names.</summary>
public sealed class RememberedTests : IAsyncLifetime
{
    private static readonly CancellationToken None = TestContext.Current.CancellationToken;
    private static readonly MailboxId Ann = new(ObjectId.New());
    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.1");
    private static readonly SmtpPeer Peer = new(new IPEndPoint(Client, 25));
    private static readonly SmtpReply Refusal = new(550, "5.7.26", "No", "dmarc reject");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 12, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly SenderOptions _options = new() { GreylistMinutes = 5, KnownDays = 60 };
    private TemporaryStore _temporary = null!;

    private LiteDbStore Store => _temporary.Store;

    private KeyedHashes Hashes => new(Store);

    private SenderHistories Histories => new(Store, Hashes, Options.Create(_options), _time);

    public async ValueTask InitializeAsync()
    {
        _temporary = await TemporaryStore.OpenAsync(
            ServerSecretRow.All, MailboxRow.All, MailboxMemberRow.All, FolderRow.All, RetentionPolicyRow.All, SenderHistoryRow.All, SenderRuleRow.All, TraceRow.All, ObjectRow.All);
        await Store.WriteAsync(transaction =>
        {
            transaction.AddMailbox(Ann, new AccountId(ObjectId.New()), [], _time.GetUtcNow());
            return true;
        }, None);
    }

    public ValueTask DisposeAsync() => _temporary.DisposeAsync();

    [Fact]
    public async Task A_stranger_waits_once_and_is_forgotten_when_it_does_not_come_back()
    {
        var sender = await Histories.OfAsync(null, Client, "a.example", None);
        Assert.Equal((451, "4.7.1"), Code(await Histories.AskToWaitAsync(sender, Client, None)));
        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        Assert.Contains("in 1 minutes", (await Histories.AskToWaitAsync(sender, Client, None))!.Text, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await Histories.AskToWaitAsync(sender, Client, None));

        // A day later it is a stranger again, unless a message of it was kept.
        _time.Advance(TimeSpan.FromHours(24));
        Assert.NotNull(await Histories.AskToWaitAsync(sender, Client, None));
        await KeepAsync(sender);
        _time.Advance(TimeSpan.FromDays(59));
        Assert.Null(await Histories.AskToWaitAsync(sender, Client, None));
        Assert.Equal(0, await Histories.ForgetAsync(100, None));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await Histories.ForgetAsync(100, None));
        Assert.NotNull(await Histories.AskToWaitAsync(sender, Client, None));
    }

    [Fact]
    public async Task One_network_fills_the_store_neither_with_strangers_nor_with_traces()
    {
        var histories = Histories;
        for (var i = 0; i < 150; i++)
            Assert.NotNull(await histories.AskToWaitAsync(await histories.OfAsync(null, Client, $"d{i}.example", None), Client, None));
        Assert.Equal(100, Store.Range(SenderHistoryRow.All, [], Key.Last, 1000).Count);
        Assert.NotNull(await histories.AskToWaitAsync(await histories.OfAsync(null, IPAddress.Parse("192.0.2.2"), "d.example", None), IPAddress.Parse("192.0.2.2"), None));
        Assert.Equal(101, Store.Range(SenderHistoryRow.All, [], Key.Last, 1000).Count);

        using var traces = new MailTraces(Store, Hashes, _time, NullLogger<MailTraces>.Instance);
        for (var i = 0; i < 5_100; i++)
            await traces.RecordAsync(Peer, SmtpPath.Null, [(Address("ann@home.example"), "refused")], Refusal, null, None);
        Assert.Equal(5_000, (await traces.FindAsync("ann@home.example", None))!.Count);
    }

    [Fact]
    public async Task Nor_do_many_networks_with_strangers_and_who_waits_longest_is_forgotten_first()
    {
        var histories = new SenderHistories(Store, Hashes, Options.Create(_options), _time) { MostWaiting = 10 };
        var senders = new List<ObjectId>();
        for (byte i = 0; i < 25; i++)
        {
            var client = new IPAddress([198, 51, 100, i]);
            senders.Add(await histories.OfAsync(null, client, "d.example", None));
            Assert.NotNull(await histories.AskToWaitAsync(senders[i], client, None));
            if (i == 3)
                await KeepAsync(senders[i]);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        var remembered = Store.Range(SenderHistoryRow.All, [], Key.Last, 1000).Select(row => row.Sender).ToHashSet();
        Assert.Equal(senders.Where((_, i) => i is 3 or >= 15).ToHashSet(), remembered);
    }

    [Fact]
    public async Task Nor_does_one_site_from_all_its_networks()
    {
        var histories = Histories;
        for (var i = 0; i < 150; i++)
        {
            var client = IPAddress.Parse($"2001:db8:1:{i:x}::1");
            Assert.NotNull(await histories.AskToWaitAsync(await histories.OfAsync(null, client, "d.example", None), client, None));
        }
        Assert.Equal(100, Store.Range(SenderHistoryRow.All, [], Key.Last, 1000).Count);
    }

    [Fact]
    public async Task Nor_do_many_networks_with_what_is_refused_and_what_is_kept_is_told_all_the_same()
    {
        using var traces = new MailTraces(Store, Hashes, _time, NullLogger<MailTraces>.Instance) { MostOfAll = 10 };
        for (byte i = 0; i < 25; i++)
            await traces.RecordAsync(new SmtpPeer(new IPEndPoint(new IPAddress([198, 51, 100, i]), 25)), SmtpPath.Null, [(Address("ann@home.example"), "refused")], Refusal, null, None);
        await traces.RecordAsync(Peer, SmtpPath.Null, [(Address("ann@home.example"), "inbox")], Refusal with { Code = 250 }, "id", None);
        Assert.Equal([.. Enumerable.Repeat("refused", 10), "inbox"], (await traces.FindAsync("ann@home.example", None))!.Select(trace => trace.Outcome));
        _time.Advance(TimeSpan.FromHours(1));
        await traces.RecordAsync(Peer, SmtpPath.Null, [(Address("ann@home.example"), "refused")], Refusal, null, None);
        Assert.Equal(12, (await traces.FindAsync("ann@home.example", None))!.Count);
    }

    [Theory]
    [InlineData(550)]
    [InlineData(250)]
    public async Task Nor_with_a_thousand_tags_of_one_address(int code)
    {
        using var traces = new MailTraces(Store, Hashes, _time, NullLogger<MailTraces>.Instance);
        (Mailbox, string)[] tags = [.. Enumerable.Range(0, 1_000).Select(i => (Address($"ann+{i}@home.example"), "refused")), (Address("ann@home.example"), "refused")];
        for (var i = 0; i < 10; i++)
        {
            await traces.RecordAsync(Peer, SmtpPath.Null, tags, Refusal with { Code = code }, null, None);
            await traces.WriteWaitingAsync();
        }
        Assert.InRange((await traces.FindAsync("ann@home.example", None))!.Count, 4, 5);
    }

    [Fact]
    public async Task Messages_are_counted_up_to_a_few_and_a_day_more_is_not_written_with_each()
    {
        var sender = await Histories.OfAsync("a.example", Client, "bounces.a.example", None);
        Assert.Equal(sender, await Histories.OfAsync("a.example", IPAddress.Parse("198.51.100.9"), "elsewhere.example", None));
        foreach (var kept in new[] { 1, 2, 3, 3, 3 })
        {
            await KeepAsync(sender);
            Assert.Equal(kept, Histories.KeptOf(sender));
        }
        var before = Store.Get(SenderHistoryRow.All, Key.Of(sender));
        _time.Advance(TimeSpan.FromHours(23));
        await KeepAsync(sender);
        Assert.Equal(before, Store.Get(SenderHistoryRow.All, Key.Of(sender)));
        _time.Advance(TimeSpan.FromHours(1));
        await KeepAsync(sender);
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromDays(60), Store.Get(SenderHistoryRow.All, Key.Of(sender))!.ForgetAt);
    }

    [Fact]
    public async Task A_networks_own_domains_are_senders_of_their_own()
    {
        ObjectId[] senders =
        [
            await Histories.OfAsync(null, Client, "a.example", None), await Histories.OfAsync(null, Client, "b.example", None), await Histories.OfAsync(null, IPAddress.Parse("192.0.2.2"), "a.example", None),
            await Histories.OfAsync("a.example", Client, "a.example", None),
        ];
        Assert.Equal(4, senders.Distinct().Count());
        Assert.Equal(senders[0], await Histories.OfAsync(null, IPAddress.Parse("::ffff:192.0.2.1"), "A.example", None));
    }

    [Fact]
    public async Task A_word_on_an_address_counts_for_more_than_one_on_its_domain_and_only_for_an_author()
    {
        var rules = new SenderRules(Store, Hashes);
        Assert.Null(await rules.FindAsync(Ann, [Address("bo@b.example")], Address("bo@b.example"), None));
        await rules.SetAsync(Ann, SenderRules.Normalise("B.example")!, SenderAction.Block, [1], None);
        await rules.SetAsync(Ann, SenderRules.Normalise("Bo@b.example")!, SenderAction.Allow, [1], None);
        Assert.Equal(SenderAction.Allow, await rules.FindAsync(Ann, [Address("bo@B.example")], Address("x@c.example"), None));
        Assert.Equal(SenderAction.Block, await rules.FindAsync(Ann, [Address("cy@b.example")], null, None));
        Assert.Equal(SenderAction.Block, await rules.FindAsync(Ann, [Address("x@c.example")], Address("cy@b.example"), None));
        // A return path opens no door, nor does one of several authors.
        Assert.Null(await rules.FindAsync(Ann, [Address("x@c.example")], Address("bo@b.example"), None));
        Assert.Null(await rules.FindAsync(Ann, [Address("bo@b.example"), Address("x@c.example")], null, None));
        Assert.Null(await rules.FindAsync(new MailboxId(ObjectId.New()), [Address("bo@b.example")], null, None));
        Assert.Equal(2, rules.List(Ann).Count);
        await rules.SetAsync(Ann, "bo@b.example", null, [], None);
        Assert.Equal(SenderAction.Block, await rules.FindAsync(Ann, [Address("bo@b.example")], null, None));
        Assert.Null(SenderRules.Normalise("not an address"));
    }

    [Theory]
    [InlineData("192.0.2.1", false, true)]
    [InlineData("192.0.2.3", false, false)] // a relay of ours, which would only write to somebody
    [InlineData("192.0.2.1", true, false)]
    public async Task A_blocked_sender_is_refused_when_it_can_be_told(string client, bool isLmtp, bool isRefused)
    {
        var (auth, mx) = (Options.Create(new MailAuthOptions()), Options.Create(new MxOptions { TrustedRelays = "192.0.2.3" }));
        var rules = new SenderRules(Store, Hashes);
        await rules.SetAsync(Ann, "a.example", SenderAction.Block, [1], None);
        var checks = new ArrivalChecks(null!, null!, new OriginalClients(auth, mx), null!, null!, rules, null!, auth, Options.Create(_options), Options.Create(new FilterOptions()), mx, _time);
        var peer = new SmtpPeer(new IPEndPoint(IPAddress.Parse(client), 25)) { IsLmtp = isLmtp };
        Assert.Equal(isRefused, await checks.IsBlockedAsync(peer, new SmtpSender(Path("x@a.example")), [new Destination(Ann, null!, "ann@home.example", "ann@home.example")], None));
    }

    [Fact]
    public async Task Traces_are_kept_for_seven_days()
    {
        using var traces = new MailTraces(Store, Hashes, _time, NullLogger<MailTraces>.Instance);
        await traces.RecordAsync(Peer, Path("a@a.example"), [.. Enumerable.Range(0, 250).Select(number => (Address($"member{number}@home.example"), "refused"))], Refusal, null, None);
        Assert.Equal(("to", "refused", "550 5.7.26", "dmarc reject"), Assert.Single((await traces.FindAsync("Member249@home.example", None))!) is { } one ? (one.Role, one.Outcome, one.Reply, one.Cause) : default);
        Assert.Single((await traces.FindAsync("a@a.example", None))!);
        _time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await traces.ForgetAsync(100, None));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty((await traces.FindAsync("a@a.example", None))!);
        Assert.Equal(3, await traces.ForgetAsync(100, None));
        Assert.Null(await traces.FindAsync("nonsense", None));
    }

    [Fact]
    public async Task A_mailbox_is_told_of_200_refusals_a_day_and_how_many_more_there_were()
    {
        var key = RecipientKey.Read(File.ReadAllBytes(System.IO.Path.Combine(AppContext.BaseDirectory, "fixtures", "cv25519.public.asc")), _time.GetUtcNow()).Key!;
        var to = new Destination(Ann, key, "ann@home.example", "ann@home.example");
        var sender = new SmtpSender(Path("a@a.example"));
        await TellAsync(150);
        await TellAsync(57); // by a service that was started again meanwhile
        var day = Assert.Single(Days());
        Assert.Equal((200, 7), (day.Sealed.Count, day.LeftOut));
        Assert.Equal(new DateOnly(2026, 12, 1), ObjectRow.DayOf(day.Id));
        _time.Advance(TimeSpan.FromDays(1));
        await TellAsync(1);
        Assert.Equal([200, 1], Days().Select(one => one.Sealed.Count));

        using var notices = new RefusalNotices(Store, new MailboxChanges(new Sessions(Store, _time)), _time, NullLogger<RefusalNotices>.Instance);
        _time.Advance(TimeSpan.FromDays(29));
        Assert.Equal(1, await notices.ForgetAsync(100, None));
        Assert.Equal([1], Days().Select(one => one.Sealed.Count));

        async Task TellAsync(int count)
        {
            using var told = new RefusalNotices(Store, new MailboxChanges(new Sessions(Store, _time)), _time, NullLogger<RefusalNotices>.Instance);
            for (var i = 0; i < count; i++)
                told.Tell([to, to], Refusal, sender, null);
            await told.StopAsync(None);
        }

        IReadOnlyList<ObjectRow> Days() => Store.Range(ObjectRow.All, Key.Of(Ann.Value), Key.LastOf(Ann.Value), 100);
    }

    [Fact]
    public async Task Refusals_of_much_text_fit_a_day_too()
    {
        var key = RecipientKey.Read(File.ReadAllBytes(System.IO.Path.Combine(AppContext.BaseDirectory, "fixtures", "cv25519.public.asc")), _time.GetUtcNow()).Key!;
        var to = new Destination(Ann, key, "ann@home.example", "ann@home.example");
        var text = new string('\'', 60_000); // six characters each in JSON
        var summary = new Summary
        {
            Subject = text,
            From = [.. Enumerable.Repeat(new MailAddress(text, text), 9)],
            HeaderLength = 0,
            Size = 0,
            Verdict = Verdict.None,
            Mime = new MimeNode { Type = "text/plain", HeaderOffset = 0, Offset = 0, Length = 0 },
        };
        for (var restarts = 0; restarts < 3; restarts++)
        {
            using var told = new RefusalNotices(Store, new MailboxChanges(new Sessions(Store, _time)), _time, NullLogger<RefusalNotices>.Instance);
            for (var i = 0; i < 40; i++)
                told.Tell([to], Refusal, new SmtpSender(Path("a@a.example")), summary);
            await told.StopAsync(None);
        }
        var day = Assert.Single(Store.Range(ObjectRow.All, Key.Of(Ann.Value), Key.LastOf(Ann.Value), 100));
        Assert.Equal(120, day.Sealed.Count + day.LeftOut);
        Assert.InRange(day.Sealed.Count, 10, 100);
    }

    [Fact]
    public async Task A_batch_that_cannot_be_written_does_not_end_the_service()
    {
        using var broken = new Broken(_time);
        await broken.StartAsync(None);
        _time.Advance(TimeSpan.FromSeconds(1));
        await broken.StopAsync(None);
        Assert.False(broken.ExecuteTask!.IsFaulted);
        Assert.NotEmpty(broken.Reasons);
        Assert.All(broken.Reasons, reason => Assert.Equal(nameof(ArgumentException), reason));
    }

    private sealed class Broken(TimeProvider time) : WriteBehind(TimeSpan.FromSeconds(1), time)
    {
        public List<string> Reasons { get; } = [];

        protected override Task WriteAsync() => throw new ArgumentException("What it says may be mail.");

        protected override void Failed(string reason) => Reasons.Add(reason);
    }

    private async Task KeepAsync(ObjectId sender) => await Store.WriteAsync(
        transaction =>
        {
            Histories.CountKept(transaction, sender);
            return true;
        },
        None);

    private static (int, string)? Code(SmtpReply? reply) => reply is null ? null : (reply.Code, reply.Enhanced);

    private static Mailbox Address(string text) => Mailbox.TryParse(text, out var address) ? address : throw new FormatException(text);

    private static SmtpPath Path(string text) => SmtpPath.Of(Address(text));
}
