using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;
using Appliance.EndToEnd.Harness;
using Appliance.Server.Mailboxes;
using Appliance.Server.SelfDestruct;
using Appliance.Server.Storage;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Storage.Pages;
using Microsoft.Extensions.Logging.Abstractions;

namespace Appliance.EndToEnd.SelfDestruct;

/// <summary>
/// Looks for destroyed messages as one would who has the disk and the store's key: in what the files hold once unsealed, and in the
/// raw frames and blobs. Everything is found before, so that finding nothing afterwards says something.
/// </summary>
public sealed class ForensicsTests : IAsyncLifetime
{
    private const int Mailboxes = 10;
    private static readonly int[] Sizes = [100, 3_000, 15_000, 100_000, 2_000_000, 30_000_000];
    private readonly string _root = Directory.CreateTempSubdirectory("appliance-test-").FullName;
    private readonly MailboxId[] _mailboxes = [.. Enumerable.Range(0, Mailboxes).Select(_ => new MailboxId(ObjectId.New()))];
    private readonly Traces _unsealed = new();
    private readonly Traces _raw = new();
    private readonly Traces _kept = new();
    private readonly List<MessageId> _shared = [];

    private string DataPath => Path.Combine(_root, "data");

    private IEnumerable<string> Files => Directory.EnumerateFiles(DataPath, "*", SearchOption.AllDirectories)
        .Where(path => !path.Contains("/run/", StringComparison.Ordinal) && Path.GetFileName(path) != "store.lock"); // no content, and held

    public async ValueTask InitializeAsync()
    {
        await InStoreAsync(async store =>
        {
            await store.WriteAsync(tx =>
            {
                foreach (var mailbox in _mailboxes)
                    tx.AddMailbox(mailbox, new AccountId(ObjectId.New()), [], Now);
                tx.Put(TimeRow.All, new TimeRow { Mark = Now.AddMinutes(-10) });
                return 0;
            });
            foreach (var size in Sizes)
            {
                await ReceiveAsync(store, $"{size} bytes in one mailbox", size, 1, isDestroyed: true);
                await ReceiveAsync(store, $"{size} bytes in ten mailboxes", size, Mailboxes, isDestroyed: true);
                await ReceiveAsync(store, $"{size} bytes, kept", size, 1, isDestroyed: false);
            }
            await store.CheckpointAsync();
        });
        RecordRaw();
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_root, recursive: true);
        return default;
    }

    [Fact]
    public async Task Nothing_of_a_destroyed_message_is_left_while_the_service_that_destroyed_it_runs()
    {
        await AssertAllIsThereAsync();
        await using (var appliance = await ApplianceProcess.StartAsync(new ApplianceSettings { DataPath = DataPath }))
        {
            Assert.Empty(_raw.FoundIn(Files));
            var dump = Path.Combine(_root, "dump");
            await File.WriteAllBytesAsync(dump, (await appliance.CommandAsync("store", "dump")).Succeeded().Output);
            Assert.Empty(_unsealed.FoundIn([dump]));
            Assert.Equal(_kept.Names.ToHashSet(), _kept.FoundIn([dump]));
        }
    }

    [Fact]
    public Task Nothing_of_a_destroyed_message_is_left_however_often_the_run_was_killed() => DestroyAsync(kills: 10);

    [Fact]
    [Trait("level", "full")]
    public Task Nothing_of_a_destroyed_message_is_left_after_a_hundred_kills() => DestroyAsync(kills: 100);

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private async Task AssertAllIsThereAsync()
    {
        Assert.Equal(_unsealed.Names.ToHashSet(), _unsealed.FoundIn([await DumpAsync()]));
        Assert.Equal(_raw.Names.ToHashSet(), _raw.FoundIn(Files));
        Assert.True(_raw.Names.Count() > Sizes.Length);
    }

    private async Task DestroyAsync(int kills)
    {
        await AssertAllIsThereAsync();
        var during = 0;
        for (var kill = 0; kill < kills; kill++)
        {
            var given = 0;
            await InStoreAsync(async store =>
            {
                given = Expired(store) + 300;
                await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => ReceiveAsync(store, "", 3_000, 1, isDestroyed: true)));
            });
            await RunForAWhileAsync();
            await InStoreAsync(store =>
            {
                during += Expired(store) is var left && left > 0 && left < given ? 1 : 0;
                return Task.CompletedTask;
            });
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{during} of {kills} kills fell into the destroying");

        await using (var appliance = await ApplianceProcess.StartAsync(new ApplianceSettings { DataPath = DataPath }))
            Assert.Contains("The store is whole.", (await appliance.CommandAsync("store", "verify")).Succeeded().Text, StringComparison.Ordinal);
        var dump = await DumpAsync();
        Assert.Empty(_unsealed.FoundIn([dump]));
        Assert.Empty(_raw.FoundIn(Files));
        Assert.Equal(_kept.Names.ToHashSet(), _kept.FoundIn([dump]));
        await InStoreAsync(async store =>
        {
            foreach (var message in _shared)
                foreach (var mailbox in _mailboxes[1..])
                    Assert.NotNull(await new MailboxReader(store, new NoExpiry(), NullLogger<MailboxReader>.Instance)
                        .ReadSegmentAsync(mailbox, message, 0, CancellationToken.None));
        });
    }

    private static int Expired(LiteDbStore store) => store.Range(MessageRow.All, [0], Key.Last, 1000, index: "expiresAt").Count;

    /// <summary>What expired is destroyed before the server listens: from its first to its last moment, and a little later.</summary>
    private async Task RunForAWhileAsync()
    {
        string[] line = [.. Programs.Server, "run", "--Data:Path=" + DataPath, "--Listen:Mx=localhost:0", "--Listen:Web=localhost:0"];
        var start = new ProcessStartInfo(line[0], line[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _root };
        DateTime LastWrite() => Journal.Files.Max(file => File.GetLastWriteTimeUtc(Path.Combine(DataPath, "store", file.Name)));
        var before = LastWrite();
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await Until.TrueAsync(() => process.HasExited || LastWrite() != before, TimeSpan.FromSeconds(60), () => "The server wrote nothing.");
        await Task.Delay(RandomNumberGenerator.GetInt32(80));
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    /// <param name="name">What it is called when something of it is found; empty: it is not looked for.</param>
    /// <param name="isDestroyed">Whether it has expired in the first mailbox. The nine others keep it.</param>
    private async Task ReceiveAsync(LiteDbStore store, string name, int size, int mailboxes, bool isDestroyed)
    {
        const int mostInline = 16_384;
        var body = RandomNumberGenerator.GetBytes(size);
        var blob = size > mostInline ? await store.Blobs.WriteAsync(body.Length, output => output(body)) : null;
        var id = new MessageId(ObjectId.New());
        var message = new NewMessage
        {
            BodyId = new BodyId(ObjectId.New()),
            Summary = RandomNumberGenerator.GetBytes(400),
            Segments = [new StoredSegment { Index = 0, Offset = 0, Length = size }],
            Inline = blob is null ? body.AsMemory() : (ReadOnlyMemory<byte>?)null,
            Blob = blob,
            Origin = MessageOrigin.Arrival,
            Size = size,
            ArrivedAt = Now.AddHours(-1),
            Copies = [.. _mailboxes.Take(mailboxes).Select(mailbox => Copy(mailbox, id))],
        };
        var edit = new MailboxEdit(new AccountId(ObjectId.New()), _mailboxes[0], ObjectId.New(), [id]);
        var before = ValuesFrom(0).Length;
        await store.WriteAsync(tx =>
        {
            tx.Append(message);
            return isDestroyed ? tx.Expire(edit, Now.AddMinutes(-5), null, Now) : default;
        });
        if (name == "")
            return;
        var traces = isDestroyed ? _unsealed : _kept;
        var copy = message.Copies[0];
        traces.Add(name + ": erasure key", copy.ErasureKey);
        traces.Add(name + ": key packet", copy.KeyPackets[0].Wrapped);
        traces.Add(name + ": slip", copy.Slip);
        if (mailboxes > 1)
            traces = _kept; // the nine others hold the body
        traces.Add(name + ": summary", message.Summary);
        traces.Add(name + ": body", body);
        if (mailboxes > 1)
            _shared.Add(id);
        else if (isDestroyed && blob is null && ValuesFrom(before) is { Length: > 0 } value)
            _raw.Add(name + ": value", value.AsSpan().TrimEnd((byte)0));
        else if (isDestroyed && blob is not null)
            _raw.Add(name + ": blob", await File.ReadAllBytesAsync(Files.Single(path => Path.GetFileName(path) == blob.Id.ToString())));
    }

    /// <summary>What lies in the file of large rows; new ones are put at its end while nothing was deleted.</summary>
    private byte[] ValuesFrom(long offset)
    {
        using var file = new FileStream(Path.Combine(DataPath, "store", "values"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite) { Position = offset };
        var bytes = new byte[file.Length - offset];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static NewCopy Copy(MailboxId mailbox, MessageId message) => new()
    {
        MailboxId = mailbox,
        MessageId = message,
        KeyFingerprint = "",
        ErasureKey = RandomNumberGenerator.GetBytes(32),
        KeyPackets = [new StoredKeyPacket { Opens = KeyPacketOpens.Body, Type = "pkesk", Suite = "v4-ecdh-aes256", Wrapped = RandomNumberGenerator.GetBytes(160) }],
        Slip = RandomNumberGenerator.GetBytes(300),
    };

    /// <summary>Every frame whose plaintext holds something of a message that is to be destroyed, as it lies in the file.</summary>
    private void RecordRaw()
    {
        var store = Path.Combine(DataPath, "store");
        var key = File.ReadAllBytes(Path.Combine(DataPath, "secrets", "store.key"));
        var data = File.ReadAllBytes(Path.Combine(store, "data"));
        var plaintext = Path.Combine(_root, "page");
        foreach (var page in PageScan.Read(StoreDump.FilesIn(store), key).Where(page => page is { File: PageFileKind.Data, Intact: true, Page: > 0 }))
        {
            File.WriteAllBytes(plaintext, page.Plaintext);
            if (_unsealed.FoundIn([plaintext]).Count > 0)
                _raw.Add($"page {page.Page.ToString(CultureInfo.InvariantCulture)}", data.AsSpan((int)DataStream.OffsetOf(page.Page, 0), PageStream.FrameLength));
        }
        File.Delete(plaintext);
    }

    private async Task<string> DumpAsync()
    {
        var path = Path.Combine(_root, "dump");
        await InStoreAsync(async store =>
        {
            await using var output = File.Create(path);
            await store.DumpAsync(output, [BodyRow.All]);
        });
        return path;
    }

    private Task<int> InStoreAsync(Func<LiteDbStore, Task> work) => StoppedStore.OpenAsync(DataPath, async store =>
    {
        await work(store);
        return 0;
    });

    private sealed class NoExpiry : IExpiryClock
    {
        public DateTimeOffset Now => DateTimeOffset.MinValue;
    }
}
