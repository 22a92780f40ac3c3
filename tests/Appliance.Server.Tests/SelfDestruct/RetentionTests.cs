using Appliance.Crypto.Formats;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;

namespace Appliance.Server.Tests.SelfDestruct;

/// <summary>How long mail is kept by the member's own rule and by the operator's, what was there before included.</summary>
public sealed class RetentionTests : IAsyncLifetime
{
    private Letterbox _box = null!;

    private DateTimeOffset Now => _box.Time.Wall;

    public async ValueTask InitializeAsync() => _box = await Letterbox.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        Assert.Empty(await _box.FindingsAsync());
        await _box.DisposeAsync();
    }

    [Fact]
    public async Task What_is_there_and_what_comes_goes_so_many_days_after_it_came()
    {
        var arrived = Now;
        var before = await _box.ReceiveAsync();
        await KeepForAsync(7);
        await RunAsync();
        Assert.Equal(arrived.AddDays(7), _box.Row(before)!.ExpiresAt);
        Assert.Equal(arrived.AddDays(7), _box.Row(before)!.Expiry!.Account);
        var after = await _box.ReceiveAsync();
        Assert.Equal(Now.AddDays(7), _box.Row(after)!.Expiry!.Account); // without any job

        await KeepForAsync(null);
        await RunAsync();
        Assert.Null(_box.Row(before)!.ExpiresAt);
        Assert.Null(_box.Row(after)!.Expiry);
    }

    [Fact]
    public async Task A_rule_destroys_nothing_on_its_first_day()
    {
        var old = await _box.ReceiveAsync();
        _box.Time.Pass(TimeSpan.FromDays(20));
        await KeepForAsync(7);
        Assert.Equal(0, await RunAsync());
        Assert.Equal(Now.AddDays(1), _box.Row(old)!.ExpiresAt);
        _box.Time.Pass(TimeSpan.FromHours(12));
        await KeepForAsync(7); // said again it is no new rule
        Assert.Equal(0, await RunAsync());
        _box.Time.Pass(TimeSpan.FromHours(12));
        Assert.False(_box.IsShown(old));
        Assert.Equal(1, await RunAsync());
    }

    [Fact]
    public async Task The_operators_rule_holds_in_every_mailbox_and_in_those_to_come_after_a_week()
    {
        var old = await _box.ReceiveAsync(bothGetIt: true);
        _box.Time.Pass(TimeSpan.FromDays(100));
        await PolicyAsync(30);
        var later = new MailboxId(ObjectId.New());
        await _box.Store.WriteAsync(tx =>
        {
            tx.AddMailbox(later, new AccountId(ObjectId.New()), [], Now);
            return 0;
        });
        Assert.Equal(0, await RunAsync());
        Assert.Equal(Now.AddDays(7), _box.Row(old)!.Expiry!.Policy);
        Assert.Equal(30, _box.Store.RetentionOf(Letterbox.Ben).Policy!.Days);
        Assert.Equal(30, _box.Store.RetentionOf(later).Policy!.Days);
        _box.Time.Pass(TimeSpan.FromDays(7));
        Assert.Equal(2, await RunAsync());
    }

    [Fact]
    public async Task Whichever_rule_comes_first_counts_and_lifting_one_leaves_the_others()
    {
        var message = await _box.ReceiveAsync(expires: Now.AddDays(50));
        await PolicyAsync(40);
        await KeepForAsync(60);
        await RunAsync();
        Assert.Equal(Now.AddDays(40), _box.Row(message)!.ExpiresAt); // what the member asked for later does not help
        await _box.MoveAsync(FolderRole.Trash, message);
        Assert.Equal(Now.AddDays(30), _box.Row(message)!.ExpiresAt);
        await _box.MoveAsync(FolderRole.Inbox, message);
        await PolicyAsync(null);
        await RunAsync();
        Assert.Equal(Now.AddDays(50), _box.Row(message)!.ExpiresAt);
        await _box.EditAsync((tx, edit) => tx.Expire(edit, null, null, Now), message);
        Assert.Equal(Now.AddDays(60), _box.Row(message)!.ExpiresAt);
    }

    [Fact]
    public async Task Many_messages_are_told_in_batches_and_a_kill_between_two_loses_none()
    {
        var messages = new List<MessageId>();
        for (var i = 0; i < 250; i++)
            messages.Add(await _box.ReceiveAsync());
        await KeepForAsync(10);
        await _box.Store.WriteAsync(tx => tx.TellRetention(Now));
        Assert.Equal(100, messages.Count(message => _box.Row(message)!.ExpiresAt is not null));
        await _box.StartAgainAsync();
        await RunAsync();
        Assert.All(messages, message => Assert.Equal(_box.Row(message)!.ArrivedAt.AddDays(10), _box.Row(message)!.ExpiresAt));
        Assert.Empty(_box.Store.Range(RetentionWorkRow.All, [0], Key.Last, 10));
    }

    [Fact]
    public async Task No_loosened_rule_brings_back_what_has_expired()
    {
        var message = await _box.ReceiveAsync();
        await KeepForAsync(2);
        await RunAsync();
        _box.Time.Pass(TimeSpan.FromDays(2));
        await KeepForAsync(null);
        await _box.Store.WriteAsync(tx => tx.TellRetention(Now));
        Assert.False(_box.IsShown(message));
        Assert.Equal(1, await RunAsync());
    }

    [Fact]
    public async Task The_preview_counts_what_would_go_first()
    {
        for (var i = 0; i < 5; i++)
        {
            await _box.ReceiveAsync();
            _box.Time.Pass(TimeSpan.FromDays(10));
        }
        Assert.Equal(3, _box.Store.CountOlder(Letterbox.Ann, Now.AddDays(-25), 100));
        Assert.Equal(2, _box.Store.CountOlder(Letterbox.Ann, Now.AddDays(-25), 2));
        Assert.Equal(0, _box.Store.CountOlder(Letterbox.Ben, Now, 100));
    }

    [Fact]
    public async Task Emptying_a_folder_destroys_what_was_seen_there_and_leaves_what_came_since()
    {
        var messages = new List<MessageId>();
        for (var i = 0; i < 130; i++)
            messages.Add(await _box.ReceiveAsync(isLarge: i == 7));
        var kept = await _box.ReceiveAsync();
        await _box.MoveAsync(FolderRole.Trash, [.. messages]);
        var through = _box.Folder(FolderRole.Trash).UidNext - 1;
        var late = await _box.ReceiveAsync();
        await _box.MoveAsync(FolderRole.Trash, late);
        Assert.Equal(130, await _box.Destroyer.EmptyAsync(Letterbox.Ann, _box.Folder(FolderRole.Trash).Id, through, CancellationToken.None));
        Assert.All(messages, message => Assert.Null(_box.Row(message)));
        Assert.True(_box.IsShown(kept));
        Assert.True(_box.IsShown(late));
        Assert.Equal(1, _box.Folder(FolderRole.Trash).Total);
    }

    private Task<MailboxChange> KeepForAsync(int? days) => _box.EditAsync((tx, edit) => tx.SetRetention(edit, days, suggestsSenderExpiry: false, Now));

    private Task<int> PolicyAsync(int? days) => _box.Store.WriteAsync(tx =>
    {
        tx.SetRetentionPolicy(days, Now);
        return 0;
    });

    private Task<int> RunAsync() => _box.Destroyer.RunAsync(CancellationToken.None);
}
