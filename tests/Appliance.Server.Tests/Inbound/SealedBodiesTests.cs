using System.Net.Sockets;
using Appliance.Crypto.Formats;
using Appliance.Server.Domains;
using Appliance.Server.Inbound.Refusals;
using Appliance.Server.Keys;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;
using Appliance.Server.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Appliance.Server.Tests.Inbound;

/// <summary>Messages are sealed into arrays that others had before them.</summary>
public sealed class SealedBodiesTests
{
    private static readonly CancellationToken None = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_that_wait_for_the_store_keep_their_bodies()
    {
        const int messages = 8;
        await using var appliance = await RunningAppliance.StartAsync();
        var store = appliance.Services.GetRequiredService<IStore>();
        await AddMemberAsync(store);
        using var goOn = new ManualResetEventSlim();
        var held = store.WriteAsync(_ => goOn.Wait(TimeSpan.FromMinutes(1), None), None);

        var sessions = new List<Session>();
        for (var i = 0; i < messages; i++)
            sessions.Add(await Session.OpenAsync(appliance));
        foreach (var session in sessions)
            await session.WriteAsync($"Subject: Tea\r\n\r\n{string.Concat(Enumerable.Repeat("At four?\r\n", 800))}.\r\n");
        using (await Session.OpenAsync(appliance))
            goOn.Set(); // whoever came before it is sealed by now, or just being sealed
        Assert.True(await held);
        foreach (var session in sessions)
        {
            Assert.StartsWith("250 ", await session.ReadAsync(), StringComparison.Ordinal);
            session.Dispose();
        }

        var bodies = store.Range(BodyRow.All, [0], Key.Last, 100).Select(body => body.Inline!.Value.ToArray()).ToList();
        Assert.Equal(messages, bodies.Count);
        // What is sealed never repeats; what others wrote over it, cleared or sealed in its place would.
        var blocks = bodies.SelectMany(body => body.Chunk(16)).Select(Convert.ToHexString).ToList();
        Assert.Equal(blocks.Count, blocks.Distinct().Count());
    }

    [Fact]
    public async Task Of_what_is_refused_when_it_is_sealed_nothing_is_left()
    {
        await using var appliance = await RunningAppliance.StartAsync();
        var store = appliance.Services.GetRequiredService<IStore>();
        await AddMemberAsync(store);
        // Six bytes each in the JSON of a summary.
        var value = string.Concat(Enumerable.Repeat(" " + new string('\'', 900) + "\r\n", 65));
        string[] fields = ["Subject:", "Date:", "List-Unsubscribe:", "Content-Location:", "From:"];
        using (var session = await Session.OpenAsync(appliance))
        {
            await session.WriteAsync($"{string.Concat(fields.Select(field => field + value))}\r\nHello.\r\n.\r\n");
            Assert.StartsWith("552 5.3.4 ", await session.ReadAsync(), StringComparison.Ordinal);
        }
        await appliance.Services.GetRequiredService<RefusalNotices>().WriteWaitingAsync();
        Assert.Single(store.Range(ObjectRow.All, [0], Key.Last, 100)); // its recipient is told
        Assert.Empty(store.Range(BodyRow.All, [0], Key.Last, 100));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(appliance.Folder, "blobs"), "*", SearchOption.AllDirectories));

        using (var session = await Session.OpenAsync(appliance))
        {
            await session.WriteAsync($"Subject: Large\r\n\r\n{string.Concat(Enumerable.Repeat("At four?\r\n", 8_000))}.\r\n");
            Assert.StartsWith("250 ", await session.ReadAsync(), StringComparison.Ordinal);
        }
        Assert.Single(Directory.EnumerateFiles(Path.Combine(appliance.Folder, "blobs"), "*", SearchOption.AllDirectories));
    }

    private static Task<bool> AddMemberAsync(IStore store) => store.WriteAsync(
        transaction =>
        {
            var now = TimeProvider.System.GetUtcNow();
            var mailbox = new MailboxId(ObjectId.New());
            transaction.AddMailbox(mailbox, new AccountId(ObjectId.New()), [], now);
            transaction.Put(DomainRow.All, new DomainRow { Name = "example.org", AddedAt = now });
            transaction.Put(AddressRow.All, new AddressRow
            {
                Address = "ann@example.org",
                MailboxId = mailbox,
                Keys =
                [
                    new StoredAddressKey
                    {
                        Fingerprint = "x",
                        State = AddressKeyState.Encrypt,
                        From = now,
                        PublicKey = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "fixtures", "cv25519.public.asc")),
                        LockedKey = [],
                        SealedPassphrase = [],
                    },
                ],
            });
            return true;
        },
        None);

    /// <summary>A session in which the message comes next.</summary>
    private sealed class Session(TcpClient client, StreamReader reader) : IDisposable
    {
        public static async Task<Session> OpenAsync(RunningAppliance appliance)
        {
            var client = new TcpClient();
            await client.ConnectAsync(appliance.Mx.Host, appliance.Mx.Port, None);
            var session = new Session(client, new StreamReader(client.GetStream()));
            Assert.StartsWith("220 ", await session.ReadAsync(), StringComparison.Ordinal);
            foreach (var command in (string[])["HELO sender.example", "MAIL FROM:<ben@sender.example>", "RCPT TO:<ann@example.org>", "DATA"])
            {
                await session.WriteAsync(command + "\r\n");
                Assert.Matches("^(250|354) ", await session.ReadAsync());
            }
            return session;
        }

        public async Task WriteAsync(string text) => await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(text), None);

        public async Task<string?> ReadAsync() => await reader.ReadLineAsync(None);

        public void Dispose() => client.Dispose();
    }
}
