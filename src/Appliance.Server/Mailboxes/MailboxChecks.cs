using Appliance.Crypto.Formats;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Upkeep;

namespace Appliance.Server.Mailboxes;

/// <summary>
/// What must hold between the rows of messages: a message has its mailbox, its erasure key, a place and a body, and there is no erasure
/// key, place or body without a message; a mailbox counts the bytes of its messages.
/// </summary>
internal sealed class MailboxChecks : IStoreCheck
{
    /// <summary>How many bodies are counted in one go through the messages: about 30 MB.</summary>
    private const int BodiesAtOnce = 250_000;

    public async Task RunAsync(StoreInspection inspection, CancellationToken cancellationToken)
    {
        await inspection.CheckAsync(MessageRow.All, ProblemsOf, cancellationToken);
        await inspection.CheckAsync(MembershipRow.All, ProblemsOf, cancellationToken);
        await inspection.CheckAsync(ErasureKeyRow.All, ProblemsOf, cancellationToken);
        await inspection.CheckAsync(BodyRow.All, ProblemsOf, cancellationToken);
        if (!inspection.IsComplete(MessageRow.All))
            return;
        CheckUsedBytes(inspection, cancellationToken);
        foreach (var some in inspection.Rows(BodyRow.All).Select(body => body.Id).Chunk(BodiesAtOnce))
            CheckReferences(inspection, [.. some], cancellationToken);
    }

    private static IEnumerable<string> ProblemsOf(IStoreReader store, MessageRow message)
    {
        if (store.Get(MailboxRow.All, Key.Of(message.MailboxId.Value)) is null)
            yield return "is in no mailbox";
        if (store.Get(ErasureKeyRow.All, Key.Of(message.MailboxId.Value, message.Id.Value)) is null)
            yield return "has no erasure key";
        if (store.PlacesOf(message.MailboxId, message.Id).Count == 0)
            yield return "has no place in a folder";
        if (store.Get(BodyRow.All, Key.Of(message.BodyId.Value)) is null)
            yield return "has no body";
    }

    private static IEnumerable<string> ProblemsOf(IStoreReader store, MembershipRow place)
    {
        if (store.Get(MessageRow.All, Key.Of(place.MailboxId.Value, place.MessageId.Value)) is null)
            yield return "is the place of no message";
        if (store.Get(FolderRow.All, Key.Of(place.MailboxId.Value, place.FolderId.Value)) is not { } folder)
            yield return "is in no folder";
        else if (place.Uid >= folder.UidNext)
            yield return "has a number its folder has not given yet";
    }

    private static IEnumerable<string> ProblemsOf(IStoreReader store, ErasureKeyRow key)
    {
        if (store.Get(MessageRow.All, Key.Of(key.MailboxId.Value, key.MessageId.Value)) is null)
            yield return "is the erasure key of no message";
    }

    private static IEnumerable<string> ProblemsOf(IStoreReader store, BodyRow body)
    {
        var length = body.Blob?.Length ?? body.Inline?.Length ?? 0;
        if (body.Segments.Any(segment => segment.Offset < 0 || segment.Length < 0 || segment.Offset + segment.Length > length))
            yield return "names a segment beyond its bytes";
    }

    /// <summary>
    /// Compares what each mailbox counts with what its messages have. A mailbox that is the same before and after the walk was left alone, since every change
    /// is counted in its row; one that was not is looked at once more, and then believed.
    /// </summary>
    private static void CheckUsedBytes(StoreInspection inspection, CancellationToken cancellationToken)
    {
        var open = inspection.Rows(MailboxRow.All).Where(mailbox => mailbox.UsedBytes is not null).Select(mailbox => mailbox.Id).ToHashSet();
        for (var walk = 1; walk <= 2 && open.Count > 0; walk++)
        {
            var before = open.ToDictionary(id => id, Mailbox);
            var held = new Dictionary<MailboxId, long>(open.Count);
            foreach (var message in inspection.Rows(MessageRow.All))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (open.Contains(message.MailboxId))
                    held[message.MailboxId] = held.GetValueOrDefault(message.MailboxId) + message.Size;
            }
            foreach (var (id, mailbox) in before.Where(pair => pair.Value is not null && Count(pair.Value) == Count(Mailbox(pair.Key))))
            {
                open.Remove(id);
                if (mailbox!.UsedBytes != held.GetValueOrDefault(id))
                    inspection.Report(MailboxRow.All, mailbox, $"counts {mailbox.UsedBytes} bytes, and its messages have {held.GetValueOrDefault(id)}");
            }
        }

        static (long?, long?) Count(MailboxRow? mailbox) => (mailbox?.HighestModSeq, mailbox?.UsedBytes);

        MailboxRow? Mailbox(MailboxId id) => inspection.Get(MailboxRow.All, Key.Of(id.Value));
    }

    /// <summary>
    /// Compares each body's count with the messages that name it, without an index for it: one walk over the messages for many bodies. Count
    /// and messages change in one write, so a count that is the same before and after a walk is what the walk must find.
    /// A body that fails twice is reported.
    /// </summary>
    private static void CheckReferences(StoreInspection inspection, HashSet<BodyId> bodies, CancellationToken cancellationToken)
    {
        for (var walk = 1; walk <= 2 && bodies.Count > 0; walk++)
        {
            var before = bodies.ToDictionary(id => id, id => Body(id)?.References);
            var held = new Dictionary<BodyId, int>(bodies.Count);
            foreach (var message in inspection.Rows(MessageRow.All))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (bodies.Contains(message.BodyId))
                    held[message.BodyId] = held.GetValueOrDefault(message.BodyId) + 1;
            }
            bodies.RemoveWhere(id => before[id] is not { } counted || counted == held.GetValueOrDefault(id) || Body(id)?.References != counted);
            if (walk == 2)
                foreach (var id in bodies)
                    if (Body(id) is { } body)
                        inspection.Report(BodyRow.All, body, $"counts {before[id]} mailboxes that hold it, and {held.GetValueOrDefault(id)} do");
        }

        BodyRow? Body(BodyId id) => inspection.Get(BodyRow.All, Key.Of(id.Value));
    }
}
