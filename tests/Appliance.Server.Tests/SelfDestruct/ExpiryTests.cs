using Appliance.Server.Audit;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;

namespace Appliance.Server.Tests.SelfDestruct;

/// <summary>When a message expires and why, and what goes with it.</summary>
public sealed class ExpiryTests : IAsyncLifetime
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);
    private Letterbox _box = null!;

    private DateTimeOffset Now => _box.Time.Wall;

    public async ValueTask InitializeAsync() => _box = await Letterbox.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        Assert.Empty(await _box.FindingsAsync());
        await _box.DisposeAsync();
    }

    [Fact]
    public void The_earliest_reason_counts()
    {
        var at = Now;
        MessageExpiry[] reasons =
        [
            new() { Sender = at }, new() { Member = at }, new() { Folder = at }, new() { Account = at }, new() { Policy = at },
            new() { BurnAfterMinutes = 5, OpenedAt = at.AddMinutes(-5) },
        ];
        foreach (var reason in reasons)
        {
            Assert.Equal(at, reason.Earliest());
            Assert.Equal(at, (reason with { Policy = reason.Policy ?? at.AddDays(1), Member = reason.Member ?? at.AddDays(2) }).Earliest());
        }
        Assert.Null(MessageExpiry.None.Earliest());
        Assert.Null(new MessageExpiry { BurnAfterMinutes = 5 }.Earliest());
    }

    [Theory]
    [InlineData(FolderRole.Trash)]
    [InlineData(FolderRole.Junk)]
    public async Task Thirty_days_after_the_move_and_not_after_it_was_taken_out_again(FolderRole role)
    {
        var message = await _box.ReceiveAsync(expires: Now.AddDays(90));
        await _box.MoveAsync(role, message);
        Assert.Equal(Now + Month, _box.Row(message)!.ExpiresAt);
        _box.Time.Pass(TimeSpan.FromDays(1));
        await _box.MoveAsync(FolderRole.Archive, message);
        Assert.Equal(Now.AddDays(89), _box.Row(message)!.ExpiresAt);
        Assert.Null(_box.Row(message)!.Expiry!.Folder);
    }

    [Fact]
    public async Task Thirty_days_after_it_was_filed_to_Junk_on_arrival_and_not_after_it_was_taken_out_again()
    {
        var message = await _box.ReceiveAsync(into: FolderRole.Junk);
        Assert.Equal(Now + Month, _box.Row(message)!.ExpiresAt);
        await _box.MoveAsync(FolderRole.Inbox, message);
        Assert.Null(_box.Row(message)!.ExpiresAt);
    }

    [Fact]
    public async Task Moving_counts_in_both_folders_and_once_however_often_it_is_asked_for()
    {
        var (one, other) = (await _box.ReceiveAsync(), await _box.ReceiveAsync());
        await _box.EditAsync((tx, edit) => tx.ChangeFlags(edit, MessageFlags.Seen, MessageFlags.None, Now), other);
        var edit = Letterbox.Edit(one, other);
        var first = await MoveAsync();
        Assert.Equal(first, await MoveAsync());
        var (inbox, archive) = (_box.Folder(FolderRole.Inbox), _box.Folder(FolderRole.Archive));
        Assert.Equal((0L, 0L), (inbox.Total, inbox.Unread));
        Assert.Equal((2L, 1L, 3u), (archive.Total, archive.Unread, archive.UidNext));
        Assert.Empty(_box.Reader.List(Letterbox.Ann, inbox.Id, null, null, 10)!.Messages);
        Assert.Equal(2, _box.Reader.List(Letterbox.Ann, archive.Id, null, null, 10)!.Messages.Count);

        Task<MailboxChange> MoveAsync() => _box.Store.WriteAsync(tx => tx.Move(edit, _box.Folder(FolderRole.Archive).Id, Now));
    }

    [Fact]
    public async Task Burning_begins_when_the_message_is_first_seen_and_seeing_it_again_delays_nothing()
    {
        var message = await _box.ReceiveAsync();
        await _box.EditAsync((tx, edit) => tx.Expire(edit, null, 5, Now), message);
        Assert.Null(_box.Row(message)!.ExpiresAt);
        var opened = Now;
        await SeeAsync(MessageFlags.Seen, MessageFlags.None);
        _box.Time.Pass(TimeSpan.FromMinutes(1));
        await SeeAsync(MessageFlags.None, MessageFlags.Seen);
        await SeeAsync(MessageFlags.Seen, MessageFlags.None);
        Assert.Equal(opened.AddMinutes(5), _box.Row(message)!.ExpiresAt);
        _box.Time.Pass(TimeSpan.FromMinutes(4));
        Assert.Equal(1, await _box.Destroyer.RunAsync(CancellationToken.None));

        Task SeeAsync(MessageFlags add, MessageFlags remove) => _box.EditAsync((tx, edit) => tx.ChangeFlags(edit, add, remove, Now), message);
    }

    [Fact]
    public async Task A_member_may_change_their_mind_but_not_the_other_reasons()
    {
        var message = await _box.ReceiveAsync(expires: Now.AddHours(1));
        await _box.MoveAsync(FolderRole.Trash, message);
        Assert.Equal(Now.AddHours(1), _box.Row(message)!.ExpiresAt);
        await _box.EditAsync((tx, edit) => tx.Expire(edit, null, null, Now), message);
        Assert.Equal(Now + Month, _box.Row(message)!.ExpiresAt);
        await _box.MoveAsync(FolderRole.Inbox, message);
        Assert.Null(_box.Row(message)!.Expiry);
    }

    [Fact]
    public async Task What_another_mailbox_holds_stays_there()
    {
        var message = await _box.ReceiveAsync(expires: Now.AddMinutes(1), bothGetIt: true, isLarge: true);
        var body = _box.Store.Get(BodyRow.All, Key.Of(_box.Row(message)!.BodyId.Value))!;
        _box.Time.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await _box.Destroyer.RunAsync(CancellationToken.None));
        Assert.Equal(1, _box.Store.Get(BodyRow.All, Key.Of(body.Id.Value))!.References);
        Assert.Equal(200, (await _box.Store.Blobs.ReadAsync(body.Blob!, 0, 200)).Length);
        Assert.Single(_box.Store.FoldersOf(Letterbox.Ben), folder => folder.Total == 1);
    }

    [Fact]
    public async Task With_the_last_that_holds_it_the_body_and_its_file_go()
    {
        var message = await _box.ReceiveAsync(isLarge: true);
        var body = _box.Store.Get(BodyRow.All, Key.Of(_box.Row(message)!.BodyId.Value))!;
        await _box.Destroyer.DestroyAsync(Letterbox.Edit(message), CancellationToken.None);
        Assert.Null(_box.Store.Get(BodyRow.All, Key.Of(body.Id.Value)));
        await Assert.ThrowsAsync<StoreDamagedException>(() => _box.Store.Blobs.ReadAsync(body.Blob!, 0, 200));
        Assert.Equal(0, _box.Folder(FolderRole.Inbox).Total);
    }

    [Fact]
    public async Task Many_go_in_batches_and_only_counts_are_left_in_the_audit_trail()
    {
        var kept = await _box.ReceiveAsync();
        for (var i = 0; i < 250; i++)
            await _box.ReceiveAsync(expires: Now.AddMinutes(1));
        _box.Time.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(250, await _box.Destroyer.RunAsync(CancellationToken.None));
        Assert.Equal(0, await _box.Destroyer.RunAsync(CancellationToken.None));
        var trail = _box.Store.Range(AuditRow.All, [0], Key.Last, 10);
        Assert.Equal([50L, 100L, 100L], trail.Select(row => row.Count).Order());
        Assert.All(trail, row => Assert.Equal("expired messages destroyed", row.Action));
        Assert.True(_box.IsShown(kept));
        Assert.Equal((1L, 1L), (_box.Folder(FolderRole.Inbox).Total, _box.Folder(FolderRole.Inbox).Unread));
    }

    [Fact]
    public async Task What_has_expired_takes_no_place_in_a_page_and_cannot_be_called_back()
    {
        var kept = await _box.ReceiveAsync();
        var expired = await _box.ReceiveAsync(expires: Now.AddMinutes(1));
        for (var i = 0; i < 7; i++)
            await _box.ReceiveAsync(expires: Now.AddMinutes(1));
        _box.Time.Pass(TimeSpan.FromMinutes(1));
        var list = _box.Reader.List(Letterbox.Ann, _box.Folder(FolderRole.Inbox).Id, null, null, 3)!;
        Assert.Equal([kept.ToString()], list.Messages.Select(message => message.MessageId));
        Assert.False(list.More);

        await _box.EditAsync((tx, edit) => tx.Expire(edit, null, null, Now), expired);
        await _box.MoveAsync(FolderRole.Archive, expired);
        Assert.False(_box.IsShown(expired));
        Assert.Equal(8, await _box.Destroyer.RunAsync(CancellationToken.None));
    }
}
