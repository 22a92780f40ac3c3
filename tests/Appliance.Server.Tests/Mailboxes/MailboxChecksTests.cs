using Appliance.Crypto.Formats;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Storage.Upkeep;
using Appliance.Server.Tests.SelfDestruct;
using Appliance.Server.Tests.Storage;

namespace Appliance.Server.Tests.Mailboxes;

/// <summary>What <c>store verify</c> asks of the rows of messages.</summary>
public sealed class MailboxChecksTests : IAsyncLifetime
{
    private static readonly MailboxId Ann = new(ObjectId.New());
    private static readonly MailboxId Ben = new(ObjectId.New());
    private static readonly ICollectionDeclaration[] Collections =
        [MailboxRow.All, MailboxMemberRow.All, FolderRow.All, MembershipRow.All, MessageRow.All, BodyRow.All, ErasureKeyRow.All, OperationRow.All];
    private TemporaryStore _temporary = null!;

    private LiteDbStore Store => _temporary.Store;

    public async ValueTask InitializeAsync()
    {
        _temporary = await TemporaryStore.OpenAsync(Collections);
        await Store.WriteAsync(tx =>
        {
            foreach (var mailbox in new[] { Ann, Ben })
                tx.AddMailbox(mailbox, new AccountId(ObjectId.New()), [], TimeProvider.System.GetUtcNow());
            return 0;
        });
    }

    public ValueTask DisposeAsync() => _temporary.DisposeAsync();

    [Fact]
    public async Task Mail_that_keeps_coming_gives_no_findings()
    {
        using var over = new CancellationTokenSource();
        var coming = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!over.IsCancellationRequested)
                await AppendAsync();
        })).ToList();
        for (var run = 0; run < 3; run++)
            Assert.Empty(await FindingsAsync());
        await over.CancelAsync();
        await Task.WhenAll(coming);
        Assert.Empty(await FindingsAsync());
    }

    [Theory]
    [InlineData("mailbox", "is in no mailbox")]
    [InlineData("erasure key", "has no erasure key")]
    [InlineData("place", "has no place in a folder")]
    [InlineData("body", "has no body")]
    [InlineData("folder", "is in no folder")]
    [InlineData("message", "is the place of no message", "is the erasure key of no message", "counts 2 mailboxes that hold it, and 1 do", "counts 300 bytes, and its messages have 200")]
    [InlineData("both messages", "is the place of no message", "is the erasure key of no message", "counts 2 mailboxes that hold it, and 0 do", "counts 300 bytes, and its messages have 200")]
    [InlineData("count", "counts 3 mailboxes that hold it, and 2 do")]
    [InlineData("number", "has a number its folder has not given yet")]
    [InlineData("segment", "names a segment beyond its bytes")]
    public async Task What_does_not_belong_together_is_found(string lost, params string[] problems)
    {
        await AppendAsync();
        var (body, message) = await AppendAsync();
        await AppendAsync();
        await Store.WriteAsync(tx =>
        {
            var key = Key.Of(Ann.Value, message.Value);
            var place = tx.PlacesOf(Ann, message)[0];
            var folder = tx.Get(FolderRow.All, Key.Of(Ann.Value, place.FolderId.Value))!;
            var content = tx.Get(BodyRow.All, Key.Of(body.Value))!;
            switch (lost)
            {
                case "mailbox": tx.Delete(MailboxRow.All, Key.Of(Ann.Value)); break;
                case "erasure key": tx.Delete(ErasureKeyRow.All, key); break;
                case "place": tx.Delete(MembershipRow.All, Key.Of(Ann.Value, place.FolderId.Value, place.Uid)); break;
                case "body": tx.Delete(BodyRow.All, Key.Of(body.Value)); break;
                case "folder": tx.Delete(FolderRow.All, Key.Of(Ann.Value, folder.Id.Value)); break;
                case "message": tx.Delete(MessageRow.All, key); break;
                case "count": tx.Put(BodyRow.All, content with { References = 3 }); break;
                case "number": tx.Put(FolderRow.All, folder with { UidNext = 3 }); break;
                case "segment": tx.Put(BodyRow.All, content with { Segments = [new StoredSegment { Index = 0, Offset = 90, Length = 11 }] }); break;
                case "both messages":
                    foreach (var row in tx.Range(MessageRow.All, [], Key.Last, 1000).Where(row => row.BodyId == body))
                        tx.Delete(MessageRow.All, Key.Of(row.MailboxId.Value, row.Id.Value));
                    break;
            }
            return 0;
        });
        Assert.Equal(problems.Order(), (await FindingsAsync()).Distinct().Order());
    }

    private async Task<IEnumerable<string>> FindingsAsync() =>
        (await StoreVerifier.RunAsync(_temporary.Store, Collections, [new MailboxChecks()], TimeProvider.System, CancellationToken.None)).Findings
        .Select(finding => finding.Problem);

    /// <summary>A message to both.</summary>
    private async Task<(BodyId Body, MessageId AnnsMessage)> AppendAsync()
    {
        var message = Letterbox.NewMessage(new byte[100], null, TimeProvider.System.GetUtcNow(), Ann, Ben);
        await Store.WriteAsync(tx => tx.Append(message));
        return (message.BodyId, message.Copies[0].MessageId);
    }
}
