using Appliance.Crypto.Formats;
using Appliance.Server.Commands;
using Appliance.Server.Hosting;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;
using Appliance.Server.Storage.LiteDb;
using Microsoft.Extensions.DependencyInjection;

namespace Appliance.EndToEnd.SelfDestruct;

/// <summary>The store of an appliance that does not run, opened by the test itself.</summary>
internal static class StoppedStore
{
    public static async Task<T> OpenAsync<T>(string dataPath, Func<LiteDbStore, Task<T>> work)
    {
        await using var services = await Target.OpenAloneAsync(Configuration.Read(["--Data:Path", dataPath]), CancellationToken.None);
        return await work(services.GetRequiredService<StoreHost>().Store);
    }

    /// <summary>Every message there is.</summary>
    public static Task<IReadOnlyList<MessageRow>> MessagesAsync(string dataPath) =>
        OpenAsync(dataPath, store => Task.FromResult(store.Range(MessageRow.All, [0], Key.Last, 1000)));

    /// <summary>Gives these messages a time to be destroyed at, as their member would.</summary>
    public static Task ExpireAsync(string dataPath, DateTimeOffset at, IEnumerable<MessageRow> messages) => OpenAsync(dataPath, store => store.WriteAsync(tx =>
    {
        foreach (var mailbox in messages.GroupBy(message => message.MailboxId))
            tx.Expire(
                new MailboxEdit(new AccountId(ObjectId.New()), mailbox.Key, ObjectId.New(), [.. mailbox.Select(message => message.Id)]),
                at,
                null,
                TimeProvider.System.GetUtcNow());
        return 0;
    }));
}
