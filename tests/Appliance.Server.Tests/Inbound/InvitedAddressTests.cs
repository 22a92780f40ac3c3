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

/// <summary>Nothing can be sealed for somebody who has not made keys yet: the sender is asked to keep the mail for a while.</summary>
public sealed class InvitedAddressTests : IAsyncLifetime
{
    private const string Ann = "ann@example.org";
    private static readonly (int, string)? NotReady = (450, "4.2.1");
    private static readonly (int, string)? NoMailbox = (550, "5.1.1");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private TemporaryStore _temporary = null!;

    public async ValueTask InitializeAsync()
    {
        _temporary = await TemporaryStore.OpenAsync(DomainRow.All, AddressRow.All, AliasRow.All, LinkRow.All, AccountRow.All, MailboxRow.All);
        var domain = new DomainRow { Name = "example.org", AddedAt = _time.GetUtcNow() };
        await _temporary.Store.WriteAsync(transaction =>
        {
            transaction.Put(DomainRow.All, domain);
            return true;
        });
    }

    public ValueTask DisposeAsync() => _temporary.DisposeAsync();

    [Fact]
    public void Mail_before_any_invitation_is_refused() => Assert.Equal(NoMailbox, Refusal(Ann));

    [Fact]
    public async Task Mail_is_put_off_for_seven_days_and_then_refused()
    {
        await InviteAsync();
        Assert.Equal(NotReady, Refusal(Ann));
        Assert.Equal(NotReady, Refusal("Ann@EXAMPLE.org"));
        _time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        Assert.Equal(NotReady, Refusal(Ann));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(NoMailbox, Refusal(Ann));
    }

    [Fact]
    public async Task Another_invitation_puts_mail_off_for_seven_more_days()
    {
        await InviteAsync();
        _time.Advance(TimeSpan.FromDays(8));
        await InviteAsync();
        Assert.Equal(NotReady, Refusal(Ann));
        _time.Advance(TimeSpan.FromDays(7));
        Assert.Equal(NoMailbox, Refusal(Ann));
    }

    [Fact]
    public async Task An_invitation_speaks_for_its_own_address_only()
    {
        await InviteAsync();
        Assert.Equal(NoMailbox, Refusal("anna@example.org"));
        Assert.Equal((550, "5.7.1"), Refusal("ann@example.net"));
    }

    private async Task InviteAsync()
    {
        var links = new LinkMaker(_temporary.Store, _time, Options.Create(new AdminOptions()));
        var invited = await links.InviteAsync(Ann, "https://mail.example.org", CancellationToken.None);
        Assert.Equal(_time.GetUtcNow().AddDays(7), invited.Value?.ExpiresAt);
    }

    private (int Code, string Enhanced)? Refusal(string recipient)
    {
        Assert.True(Mailbox.TryParse(recipient, out var mailbox));
        var (destinations, refusal, _) = new Recipients(_temporary.Store, new RecipientKeys(_time), _time, Options.Create(new MxOptions()), Options.Create(new MailboxOptions())).Find(SmtpPath.Of(mailbox));
        Assert.Empty(destinations);
        return refusal is null ? null : (refusal.Code, refusal.Enhanced);
    }
}
