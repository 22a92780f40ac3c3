using System.Security.Cryptography;
using Appliance.Crypto.Formats;
using Appliance.Server.Accounts;
using Appliance.Server.Audit;
using Appliance.Server.Mailboxes;
using Appliance.Server.SelfDestruct;
using Appliance.Server.Storage;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Storage.Upkeep;
using Appliance.Server.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Appliance.Server.Tests.SelfDestruct;

/// <summary>A store with two mailboxes, and the clock and the destroyer over it. Starting again loses what only memory knew.</summary>
internal sealed class Letterbox : IAsyncDisposable
{
    public static readonly MailboxId Ann = new(ObjectId.New());
    public static readonly MailboxId Ben = new(ObjectId.New());
    private static readonly AccountId Account = new(ObjectId.New());
    private static readonly ICollectionDeclaration[] Collections =
    [
        MailboxRow.All, MailboxMemberRow.All, FolderRow.All, MembershipRow.All, MessageRow.All, BodyRow.All, ErasureKeyRow.All, OperationRow.All, TimeRow.All, AuditRow.All,
        RetentionPolicyRow.All, RetentionWorkRow.All,
    ];

    private readonly TemporaryStore _temporary;

    private Letterbox(TemporaryStore temporary) => _temporary = temporary;

    public TwoClocks Time { get; } = new();

    /// <summary>Whether the kernel vouches for the wall clock.</summary>
    public bool IsSynchronized { get; set; }

    public LiteDbStore Store => _temporary.Store;

    public DestructionClock Clock { get; private set; } = null!;

    public Destroyer Destroyer { get; private set; } = null!;

    public MailboxReader Reader { get; private set; } = null!;

    public static async Task<Letterbox> OpenAsync()
    {
        var letterbox = new Letterbox(await TemporaryStore.OpenAsync(Collections));
        await letterbox.Store.WriteAsync(tx =>
        {
            foreach (var mailbox in new[] { Ann, Ben })
                tx.AddMailbox(mailbox, Account, [], letterbox.Time.Wall);
            return 0;
        });
        letterbox.Begin();
        return letterbox;
    }

    /// <summary>The service ends and starts again.</summary>
    public async Task StartAgainAsync()
    {
        End();
        await _temporary.OpenAgainAsync();
        Begin();
    }

    public async Task<MessageId> ReceiveAsync(DateTimeOffset? expires = null, bool bothGetIt = false, bool isLarge = false, FolderRole into = FolderRole.Inbox)
    {
        var body = RandomNumberGenerator.GetBytes(200);
        var message = NewMessage(body, isLarge ? await Store.Blobs.WriteAsync(body.Length, output => output(body)) : null, Time.Wall, bothGetIt ? [Ann, Ben] : [Ann]);
        message = message with { Copies = [.. message.Copies.Select(copy => copy with { Folder = into })] };
        await Store.WriteAsync(tx => tx.Append(message));
        if (expires is not null)
            await EditAsync((tx, edit) => tx.Expire(edit, expires, null, Time.Wall), message.Copies[0].MessageId);
        return message.Copies[0].MessageId;
    }

    /// <param name="body">What the blob holds, when there is one.</param>
    public static NewMessage NewMessage(byte[] body, BlobReference? blob, DateTimeOffset arrivedAt, params MailboxId[] mailboxes) => new()
    {
        BodyId = new BodyId(ObjectId.New()),
        Summary = [1],
        Segments = [new StoredSegment { Index = 0, Offset = 0, Length = body.Length }],
        Inline = blob is null ? body.AsMemory() : (ReadOnlyMemory<byte>?)null,
        Blob = blob,
        Origin = MessageOrigin.Arrival,
        Size = body.Length,
        ArrivedAt = arrivedAt,
        Copies = [.. mailboxes.Select(mailbox => Copy(mailbox, arrivedAt))],
    };

    public Task<MailboxChange> EditAsync(Func<IStoreTransaction, MailboxEdit, MailboxChange> change, params MessageId[] messages)
    {
        var edit = Edit(messages);
        return Store.WriteAsync(tx => change(tx, edit));
    }

    public static MailboxEdit Edit(params MessageId[] messages) => new(Account, Ann, ObjectId.New(), messages);

    public Task MoveAsync(FolderRole role, params MessageId[] messages) =>
        EditAsync((tx, edit) => tx.Move(edit, Folder(role).Id, Time.Wall), messages);

    public FolderRow Folder(FolderRole role) => Store.FoldersOf(Ann).Single(folder => folder.Role == role);

    public MessageRow? Row(MessageId message) => Store.Get(MessageRow.All, Key.Of(Ann.Value, message.Value));

    public bool IsShown(MessageId message) => Reader.Find(Ann, message) is not null;

    public async Task<IEnumerable<string>> FindingsAsync() =>
        (await StoreVerifier.RunAsync(Store, Collections, [new MailboxChecks()], TimeProvider.System, CancellationToken.None)).Findings
        .Select(finding => $"{finding.Where} {finding.Problem}");

    /// <summary>The keys of every collection and index that has anything in it, declared or not.</summary>
    public Task<Dictionary<string, HashSet<string>>> KeysAsync() => Store.BetweenGroupsAsync(() => Store.RawNames().ToDictionary(name => name, name =>
    {
        var parts = name.Split('.');
        return Store.Walk(parts[0], parts.ElementAtOrDefault(1)).SelectMany(batch => batch.Rows).Select(row => Convert.ToHexString(row.Order)).ToHashSet();
    }));

    public ValueTask DisposeAsync()
    {
        End();
        return _temporary.DisposeAsync();
    }

    private void Begin()
    {
        Clock = new DestructionClock(Store, Time, new Kernel(this), NullLogger<DestructionClock>.Instance);
        var changes = new MailboxChanges(new Sessions(Store, Time));
        Destroyer = new Destroyer(Store, Clock, changes, Time, NullLogger<Destroyer>.Instance);
        Reader = new MailboxReader(Store, Clock, NullLogger<MailboxReader>.Instance);
    }

    private void End()
    {
        Destroyer.Dispose();
        Clock.Dispose();
    }

    private static NewCopy Copy(MailboxId mailbox, DateTimeOffset arrivedAt) => new()
    {
        MailboxId = mailbox,
        MessageId = new MessageId(ObjectId.NewInOrder(arrivedAt)),
        KeyFingerprint = "",
        ErasureKey = RandomNumberGenerator.GetBytes(32),
        KeyPackets = [],
        Slip = [],
    };

    private sealed class Kernel(Letterbox letterbox) : IClockSynchronization
    {
        public bool IsSynchronized() => letterbox.IsSynchronized;
    }
}
