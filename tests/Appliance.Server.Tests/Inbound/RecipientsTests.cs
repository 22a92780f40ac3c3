using Appliance.Contracts;
using Appliance.Crypto.Formats;
using Appliance.Mail.Addresses;
using Appliance.Server.Accounts;
using Appliance.Server.Admin;
using Appliance.Server.Domains;
using Appliance.Server.Inbound;
using Appliance.Server.Keys;
using Appliance.Server.Mailboxes;
using Appliance.Server.Tests.Storage;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Appliance.Server.Tests.Inbound;

/// <summary>Which mailbox an address leads to.</summary>
public sealed class RecipientsTests : IAsyncLifetime
{
    private static readonly byte[] PublicKey = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "fixtures", "cv25519.public.asc"));

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));
    private TemporaryStore _temporary = null!;
    private Addressing _addressing = null!;

    public async ValueTask InitializeAsync()
    {
        _temporary = await TemporaryStore.OpenAsync(DomainRow.All, AddressRow.All, AliasRow.All, LinkRow.All, AccountRow.All, MailboxRow.All);
        _addressing = new Addressing(_temporary.Store, _time);
        await _temporary.Store.WriteAsync(transaction =>
        {
            transaction.Put(DomainRow.All, new DomainRow { Name = "example.org", AddedAt = _time.GetUtcNow() });
            transaction.Put(AccountRow.All, new AccountRow { Id = new AccountId(ObjectId.New()), Address = "ann@example.org", IsOperator = true, CreatedAt = _time.GetUtcNow() });
            foreach (var address in (string[])["ann@example.org", "ben@example.org", "a+b@example.org"])
                transaction.Put(AddressRow.All, Member(address));
            return true;
        });
        await DomainAsync("shop.example", catchAll: "ben@example.org");
        await DomainAsync("example.net", aliasOf: "example.org");
        await DomainAsync("bücher.example", aliasOf: "example.org");
        await AliasAsync("info@example.org", "ann@example.org", "ben@example.org");
        await AliasAsync("sales@shop.example", "ann@example.org");
    }

    public ValueTask DisposeAsync() => _temporary.DisposeAsync();

    [Theory]
    [InlineData("ann@example.org", "ann@example.org")]
    [InlineData("Ann@Example.ORG", "ann@example.org")]
    [InlineData("ann+shop@example.org", "ann@example.org:shop")]
    [InlineData("ann+shop+x@example.org", "ann@example.org:shop+x")]
    [InlineData("ann+@example.org", "ann@example.org:")]
    [InlineData("a+b@example.org", "a+b@example.org")] // an address of its own
    [InlineData("a+c@example.org", null)]
    [InlineData("+ann@example.org", null)]
    [InlineData("info@example.org", "ann@example.org:info@example.org ben@example.org:info@example.org")]
    [InlineData("info+x@example.org", "ann@example.org:x ben@example.org:x")]
    [InlineData("nobody@example.org", null)]
    [InlineData("anybody@shop.example", "ben@example.org:anybody@shop.example")]
    [InlineData("sales@shop.example", "ann@example.org:sales@shop.example")]
    [InlineData("sales+x@shop.example", "ann@example.org:x")] // a tag is nearer than the catch-all
    [InlineData("ann@example.net", "ann@example.org")]
    [InlineData("info@example.net", "ann@example.org:info@example.org ben@example.org:info@example.org")]
    [InlineData("nobody@example.net", null)]
    [InlineData("ann@bücher.example", "ann@example.org")]
    [InlineData("ann@xn--bcher-kva.example", "ann@example.org")]
    [InlineData("postmaster@shop.example", "ann@example.org")] // no catch-all takes it
    [InlineData("abuse@example.net", "ann@example.org")]
    public void Leads_to(string written, string? expected)
    {
        var (destinations, refusal, _) = Find(written);
        Assert.Equal(expected, destinations.Count == 0 ? null : string.Join(' ', destinations.Select(to => to.DeliveredTo + (to.Matched is null ? "" : ":" + to.Matched))));
        Assert.Equal(expected is null, refusal is { Code: 550, Enhanced: "5.1.1" });
        Assert.Equal(expected is null, refusal is not null);
    }

    [Theory]
    [InlineData("", "ann+shop@example.org", false)]
    [InlineData("-", "ann-shop@example.org", true)]
    [InlineData("-", "ann+shop@example.org", false)]
    public void The_separator_is_the_operators_choice(string separator, string written, bool isFound) => Assert.Equal(isFound, Find(written, separator).Refusal is null);

    [Fact]
    public async Task An_alias_whose_members_cannot_all_take_mail_now_puts_it_off()
    {
        await PutAsync(Member("ben@example.org") with { Keys = [], InvitedUntil = _time.GetUtcNow().AddDays(1) });
        Assert.Equal(450, Find("info@example.org").Refusal?.Code);
    }

    [Fact]
    public async Task A_full_mailbox_puts_mail_off_unless_it_is_for_the_operator_as_such()
    {
        await FillAsync("ann@example.org");
        Assert.Equal((452, "4.2.2"), Refusal("ann+shop@example.org"));
        Assert.Equal((452, "4.2.2"), Refusal("info@example.org")); // Ben's copy waits with it
        Assert.Null(Refusal("ben@example.org"));
        Assert.Null(Refusal("postmaster@example.org"));
        Assert.Null(Refusal("abuse@shop.example"));
    }

    [Fact]
    public async Task A_quota_is_for_a_member_with_a_mailbox()
    {
        await FillAsync("ann@example.org");
        Assert.Contains("not an e-mail address", await WhyNotAsync("ann", 1), StringComparison.Ordinal);
        Assert.Contains("no member's address", await WhyNotAsync("nobody@example.org", 1), StringComparison.Ordinal);
        Assert.Contains("has no mailbox yet", await WhyNotAsync("ben@example.org", 1), StringComparison.Ordinal);
        Assert.Contains("a number of bytes", await WhyNotAsync("ann@example.org", -1), StringComparison.Ordinal);
        Assert.Null(await WhyNotAsync("Ann@example.org", 0));
        Assert.Null(Refusal("ann@example.org"));
    }

    [Theory]
    [InlineData("info@example.com", "ann@example.org", "example.com is not a domain of this appliance")]
    [InlineData("info@example.net", "ann@example.org", "another name of example.org")]
    [InlineData("ann@example.org", "ben@example.org", "a member's address already")]
    [InlineData("postmaster@example.org", "ben@example.org", "a role address")]
    [InlineData("other@example.org", "nobody@example.org", "nobody@example.org is no member's address")]
    [InlineData("other@example.org", "info@example.org", "info@example.org is no member's address")] // no chains
    [InlineData("other", "ann@example.org", "not an e-mail address")]
    public async Task An_alias_that_leads_nowhere_is_refused(string alias, string target, string reason) =>
        Assert.Contains(reason, (await _addressing.SetAliasAsync(new AliasRequest(alias, [target]), CancellationToken.None)).Refusal, StringComparison.Ordinal);

    [Fact]
    public async Task An_alias_is_removed_once()
    {
        Assert.NotNull((await _addressing.SetAliasAsync(new AliasRequest("info@example.org", []), CancellationToken.None)).Value);
        Assert.Equal(550, Find("info@example.org").Refusal?.Code);
        Assert.Contains("There is no alias", (await _addressing.SetAliasAsync(new AliasRequest("info@example.org", []), CancellationToken.None)).Refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not a domain", null, null, "is not a domain")]
    [InlineData("[192.0.2.1]", null, null, "is not a domain")]
    [InlineData("new.example", "new.example", null, "cannot be another name of itself")]
    [InlineData("new.example", "example.com", null, "example.com is not a domain of this appliance")]
    [InlineData("new.example", "example.net", null, "another name of example.org itself")]
    [InlineData("example.org", "shop.example", null, "which therefore cannot be one")] // example.net is another name of it
    [InlineData("shop.example", "example.org", null, "has addresses of its own")]
    [InlineData("new.example", null, "nobody@example.org", "no member's address")]
    [InlineData("new.example", "example.org", "ann@example.org", "set the catch-all there")]
    public async Task A_domain_that_leads_nowhere_is_refused(string domain, string? aliasOf, string? catchAll, string reason) =>
        Assert.Contains(reason, (await _addressing.SetDomainAsync(new DomainRequest(domain, aliasOf, catchAll), CancellationToken.None)).Refusal, StringComparison.Ordinal);

    [Fact]
    public async Task Nobody_is_invited_to_an_alias_or_under_a_domains_other_name()
    {
        var links = new LinkMaker(_temporary.Store, _time, Options.Create(new AdminOptions()));
        Assert.Contains("is an alias", (await links.InviteAsync("info@example.org", "http://x", CancellationToken.None)).Refusal, StringComparison.Ordinal);
        Assert.Contains("another name of example.org", (await links.InviteAsync("new@example.net", "http://x", CancellationToken.None)).Refusal, StringComparison.Ordinal);
    }

    /// <summary>Members move one by one.</summary>
    [Fact]
    public async Task While_a_domain_moves_the_old_host_is_asked_about_whoever_is_not_here_yet()
    {
        await DomainAsync("example.org", oldHost: "mail.old.example:2525");
        await PutAsync(Member("ben@example.org") with { Keys = [], InvitedUntil = _time.GetUtcNow().AddDays(1) });
        await PutAsync(Member("late@example.org") with { Keys = [], InvitedUntil = _time.GetUtcNow().AddDays(-1) });
        foreach (var address in (string[])["nobody@example.org", "nobody@example.net", "ben@example.org", "ben+shop@example.org", "late@example.org"])
        {
            var route = Find(address);
            Assert.Equal(new OldHost("mail.old.example", 2525), route.OldHost);
            Assert.Null(route.Refusal);
            Assert.Empty(route.Destinations);
        }
        foreach (var address in (string[])["ann@example.org", "ann+shop@example.org", "postmaster@example.org", "abuse@example.net"])
            Assert.Equal("ann@example.org", Assert.Single(Find(address).Destinations).DeliveredTo);

        await PutAsync(Member("ben@example.org"));
        Assert.Null(Find("ben@example.org").OldHost);
        await DomainAsync("example.org");
        Assert.Equal((550, "5.1.1"), Refusal("nobody@example.org"));
    }

    [Theory]
    [InlineData("mail.old.example", "mail.old.example")]
    [InlineData("mail.old.example:25", "mail.old.example")]
    [InlineData("Mail.Bücher.example:2525", "mail.xn--bcher-kva.example:2525")]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.1:2525", "192.0.2.1:2525")]
    [InlineData("[2001:DB8::1]", "[2001:db8::1]")]
    [InlineData("[2001:db8::1]:2525", "[2001:db8::1]:2525")]
    [InlineData("", null)]
    [InlineData("mail.old.example:", null)]
    [InlineData("mail.old.example:0", null)]
    [InlineData("mail.old.example:65536", null)]
    [InlineData("mail.old.example: 25", null)]
    [InlineData("smtp://mail.old.example", null)]
    [InlineData("2001:db8::1", null)] // where does the port begin?
    [InlineData("[192.0.2.1]", null)]
    [InlineData("ann@mail.old.example", null)]
    public void An_old_host_is_read_and_written(string written, string? expected)
    {
        Assert.Equal(expected, OldHost.TryParse(written, out var host) ? host.ToString() : null);
        if (host is not null)
            Assert.True(OldHost.TryParse(host.ToString(), out var again) && again == host);
    }

    [Theory]
    [InlineData(null, null, "old host", "old host is not a mail server")]
    [InlineData("example.org", null, "mail.old.example", "set the old host there")]
    [InlineData(null, "ann@example.org", "mail.old.example", "not to both")]
    public async Task An_old_host_that_cannot_be_is_refused(string? aliasOf, string? catchAll, string oldHost, string reason) =>
        Assert.Contains(reason, (await _addressing.SetDomainAsync(new DomainRequest("new.example", aliasOf, catchAll, oldHost), CancellationToken.None)).Refusal, StringComparison.Ordinal);

    private AddressRow Member(string address) => new()
    {
        Address = address,
        MailboxId = new MailboxId(ObjectId.New()),
        Keys = [new StoredAddressKey { Fingerprint = "x", State = AddressKeyState.Encrypt, From = _time.GetUtcNow(), PublicKey = PublicKey, LockedKey = [], SealedPassphrase = [] }],
    };

    /// <summary>Gives the address a mailbox that holds 10 bytes and may hold no more.</summary>
    private Task<bool> FillAsync(string address) => _temporary.Store.WriteAsync(transaction =>
    {
        transaction.Put(MailboxRow.All, new MailboxRow
        {
            Id = transaction.FindAddress(address)!.MailboxId,
            StoreEpoch = ObjectId.New(),
            HighestModSeq = 1,
            UsedBytes = 10,
            QuotaBytes = 10,
        });
        return true;
    });

    private async Task<string?> WhyNotAsync(string address, long? bytes) =>
        (await Quotas.SetAsync(_temporary.Store, new QuotaRequest(address, bytes), CancellationToken.None)).Refusal;

    private (int, string)? Refusal(string recipient) => Find(recipient).Refusal is { } refusal ? (refusal.Code, refusal.Enhanced) : null;

    private Task<bool> PutAsync(AddressRow row) => _temporary.Store.WriteAsync(transaction =>
    {
        transaction.Put(AddressRow.All, row);
        return true;
    });

    private async Task DomainAsync(string domain, string? aliasOf = null, string? catchAll = null, string? oldHost = null) =>
        Assert.Null((await _addressing.SetDomainAsync(new DomainRequest(domain, aliasOf, catchAll, oldHost), CancellationToken.None)).Refusal);

    private async Task AliasAsync(string alias, params string[] targets) =>
        Assert.Null((await _addressing.SetAliasAsync(new AliasRequest(alias, targets), CancellationToken.None)).Refusal);

    private RecipientRoute Find(string recipient, string separator = "+")
    {
        Assert.True(Mailbox.TryParse(recipient, out var mailbox));
        return new Recipients(_temporary.Store, new RecipientKeys(_time), _time, Options.Create(new MxOptions { AddressSeparator = separator }), Options.Create(new MailboxOptions())).Find(SmtpPath.Of(mailbox));
    }
}
