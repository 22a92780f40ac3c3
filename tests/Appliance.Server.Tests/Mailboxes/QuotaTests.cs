using Appliance.Crypto.Formats;
using Appliance.Server.Commands;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;
using Appliance.Server.Tests.SelfDestruct;

namespace Appliance.Server.Tests.Mailboxes;

/// <summary>What a mailbox holds, and how much it may. A message of <see cref="Letterbox"/> has 200 bytes.</summary>
public sealed class QuotaTests : IAsyncLifetime
{
    private Letterbox _box = null!;

    public async ValueTask InitializeAsync() => _box = await Letterbox.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        Assert.Empty(await _box.FindingsAsync());
        await _box.DisposeAsync();
    }

    [Fact]
    public async Task Every_mailbox_counts_what_it_holds_whoever_else_holds_it()
    {
        await _box.ReceiveAsync();
        await _box.ReceiveAsync(bothGetIt: true);
        Assert.Equal((400, 200), (Used(Letterbox.Ann), Used(Letterbox.Ben)));
    }

    [Fact]
    public async Task Moving_a_message_changes_nothing_and_destroying_it_gives_its_room_back_once()
    {
        var message = await _box.ReceiveAsync(bothGetIt: true, isLarge: true);
        await _box.MoveAsync(FolderRole.Trash, message);
        Assert.Equal(200, Used(Letterbox.Ann));
        var edit = Letterbox.Edit(message, message);
        await _box.Destroyer.DestroyAsync(edit, CancellationToken.None);
        await _box.Destroyer.DestroyAsync(edit, CancellationToken.None);
        await _box.Destroyer.DestroyAsync(Letterbox.Edit(message), CancellationToken.None);
        Assert.Equal((0, 200), (Used(Letterbox.Ann), Used(Letterbox.Ben)));
    }

    [Fact]
    public async Task What_expires_and_what_is_emptied_gives_its_room_back()
    {
        await _box.ReceiveAsync(expires: _box.Time.Wall.AddMinutes(1));
        await _box.ReceiveAsync(into: FolderRole.Junk);
        await _box.ReceiveAsync();
        _box.Time.Pass(TimeSpan.FromMinutes(2));
        await _box.Destroyer.RunAsync(CancellationToken.None);
        Assert.Equal(400, Used(Letterbox.Ann));
        await _box.Destroyer.EmptyAsync(Letterbox.Ann, _box.Folder(FolderRole.Junk).Id, uint.MaxValue, CancellationToken.None);
        Assert.Equal(200, Used(Letterbox.Ann));
    }

    [Fact]
    public async Task A_mailbox_that_is_older_than_quotas_is_added_up_once()
    {
        await _box.Store.WriteAsync(tx =>
        {
            for (var i = 0; i < 1001; i++)
                tx.Append(Letterbox.NewMessage(new byte[10], null, _box.Time.Wall, Letterbox.Ann));
            tx.Put(MailboxRow.All, tx.Get(MailboxRow.All, Key.Of(Letterbox.Ann.Value))! with { UsedBytes = null });
            return true;
        });
        await _box.ReceiveAsync(); // not counted yet, and so in no sum twice
        Assert.Null(Mailbox(Letterbox.Ann).UsedBytes);
        await _box.Store.CountUsedAsync(CancellationToken.None);
        Assert.Equal(10_210, Used(Letterbox.Ann));
        await _box.ReceiveAsync();
        await _box.Store.CountUsedAsync(CancellationToken.None);
        Assert.Equal(10_410, Used(Letterbox.Ann));
    }

    [Theory]
    [InlineData(0, null, false)] // nobody has a quota
    [InlineData(201, null, false)]
    [InlineData(200, null, true)]
    [InlineData(100, 201L, false)]
    [InlineData(100, 0L, false)]
    [InlineData(0, 200L, true)]
    public async Task Its_own_quota_counts_before_everybodys(long everybodys, long? own, bool isFull)
    {
        await _box.ReceiveAsync();
        await _box.Store.WriteAsync(tx => tx.SetQuota(Letterbox.Ann, own));
        Assert.Equal(isFull, Mailbox(Letterbox.Ann).IsFull(new MailboxOptions { QuotaBytes = everybodys }));
        Assert.Equal(200, Used(Letterbox.Ann));
    }

    [Theory]
    [InlineData("0", 0L)]
    [InlineData("1048576", 1_048_576L)]
    [InlineData("3k", 3_072L)]
    [InlineData("500M", 524_288_000L)]
    [InlineData("5G", 5_368_709_120L)]
    [InlineData("8388607T", 9_223_370_937_343_148_032L)]
    [InlineData("8388608T", null)]
    [InlineData("99999999999999999999", null)]
    [InlineData("-1", null)]
    [InlineData("1.5G", null)]
    [InlineData("5GB", null)]
    [InlineData("G", null)]
    [InlineData("", null)]
    public void A_size_is_written_with_a_letter_or_in_bytes(string written, long? bytes) => Assert.Equal(bytes, ByteSize.Parse(written));

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1023, "1023 bytes")]
    [InlineData(1536, "1.5 K")]
    [InlineData(5_368_709_120, "5 G")]
    [InlineData(long.MaxValue, "8388608 T")]
    public void A_size_is_shown_short(long bytes, string shown) => Assert.Equal(shown, ByteSize.Format(bytes));

    private long? Used(MailboxId mailbox) => Mailbox(mailbox).UsedBytes;

    private MailboxRow Mailbox(MailboxId mailbox) => _box.Store.Get(MailboxRow.All, Key.Of(mailbox.Value))!;
}
