using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Appliance.Contracts;
using Appliance.Crypto.Formats;
using Appliance.Server.Accounts;
using Appliance.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Mailboxes;

/// <summary>Reading and marking mail. Everything that leaves here is sealed; a mailbox is open to its members only.</summary>
internal static class MailboxEndpoints
{
    private const int MostMessagesAtOnce = 200;
    private const int MostBurnMinutes = 365 * 24 * 60;

    public static void MapMailboxes(this IEndpointRouteBuilder api)
    {
        var mailbox = api.MapMailboxGroup();
        mailbox.MapGet("/folders/{folderId}/messages", List);
        mailbox.MapGet("/messages/{messageId}", Find);
        mailbox.MapGet("/messages/{messageId}/segments/{index:int}", ReadSegmentAsync);
        mailbox.MapPost("/messages/flags", ChangeFlagsAsync);
        mailbox.MapPost("/messages/move", MoveAsync);
        mailbox.MapPost("/messages/expiry", ExpireAsync);
        mailbox.MapSenderRules();
        mailbox.MapRefusals();
        api.MapGet("/events", Events).RequireAuthorization().WithTags("Mail").ExcludeFromDescription();
    }

    /// <summary>Requests about one mailbox, from its members.</summary>
    public static RouteGroupBuilder MapMailboxGroup(this IEndpointRouteBuilder api) =>
        api.MapGroup("/mailboxes/{mailboxId}").RequireAuthorization().AddEndpointFilter(OnlyMembersAsync).WithTags("Mail");

    private static async ValueTask<object?> OnlyMembersAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var store = http.RequestServices.GetRequiredService<IStore>();
        return ObjectId.TryParse(http.GetRouteValue("mailboxId") as string, out var id) && store.IsMember(http.User.AccountId(), new MailboxId(id))
            ? await next(context)
            : Problems.NotFound;
    }

    private static Results<Ok<MessageListResponse>, ProblemHttpResult> List(
        string mailboxId, string folderId, uint? before, uint? after, int? limit, MailboxReader reader)
    {
        var page = Math.Clamp(limit ?? 100, 1, MostMessagesAtOnce);
        return ObjectId.TryParse(folderId, out var folder) && reader.List(MailboxOf(mailboxId), new FolderId(folder), before, after, page) is { } list
            ? TypedResults.Ok(list)
            : Problems.NotFound;
    }

    private static Results<Ok<MessageResponse>, ProblemHttpResult> Find(string mailboxId, string messageId, MailboxReader reader) =>
        ObjectId.TryParse(messageId, out var id) && reader.Find(MailboxOf(mailboxId), new MessageId(id)) is { } message
            ? TypedResults.Ok(message)
            : Problems.NotFound;

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> ReadSegmentAsync(
        string mailboxId, string messageId, int index, MailboxReader reader, CancellationToken cancellationToken) =>
        ObjectId.TryParse(messageId, out var id)
        && await reader.ReadSegmentAsync(MailboxOf(mailboxId), new MessageId(id), index, cancellationToken) is { } segment
            ? TypedResults.Bytes(segment, "application/octet-stream")
            : Problems.NotFound;

    private static async Task<Results<Ok<ChangeResponse>, ProblemHttpResult>> ChangeFlagsAsync(
        string mailboxId,
        FlagsRequest request,
        HttpContext http,
        IStore store,
        MailboxChanges changes,
        IExpiryClock clock,
        CancellationToken cancellationToken)
    {
        if (Names.FlagsOf(request.Add) is not { } add || Names.FlagsOf(request.Remove) is not { } remove)
            return Problems.Invalid("The flags are seen, answered and flagged.");
        var (edit, refusal) = EditOf(http, mailboxId, request.OperationId, request.MessageIds);
        if (edit is null)
            return refusal!;

        var now = clock.Now;
        var changed = await store.WriteAsync(transaction => transaction.ChangeFlags(edit, add, remove, now), cancellationToken);
        changes.Publish([changed]);
        return TypedResults.Ok(new ChangeResponse(changed.ModSeq));
    }

    private static async Task<Results<Ok<ChangeResponse>, ProblemHttpResult>> MoveAsync(
        string mailboxId,
        MoveRequest request,
        HttpContext http,
        IStore store,
        MailboxChanges changes,
        IExpiryClock clock,
        CancellationToken cancellationToken)
    {
        var (edit, refusal) = EditOf(http, mailboxId, request.OperationId, request.MessageIds);
        if (edit is null)
            return refusal!;
        if (!ObjectId.TryParse(request.FolderId, out var folder) || store.Get(FolderRow.All, Key.Of(edit.MailboxId.Value, folder)) is null)
            return Problems.Invalid("The folder is not one of this mailbox.");

        var now = clock.Now;
        var changed = await store.WriteAsync(transaction => transaction.Move(edit, new FolderId(folder), now), cancellationToken);
        changes.Publish([changed]);
        return TypedResults.Ok(new ChangeResponse(changed.ModSeq));
    }

    private static async Task<Results<Ok<ChangeResponse>, ProblemHttpResult>> ExpireAsync(
        string mailboxId,
        ExpiryRequest request,
        HttpContext http,
        IStore store,
        MailboxChanges changes,
        IExpiryClock clock,
        CancellationToken cancellationToken)
    {
        var now = clock.Now;
        if (request.At <= now)
            return Problems.Invalid("The time to destroy a message lies in the future. To destroy it now, delete it from Trash.");
        if (request.BurnAfterMinutes is < 1 or > MostBurnMinutes)
            return Problems.Invalid($"A message burns 1 to {MostBurnMinutes} minutes after it was opened.");
        var (edit, refusal) = EditOf(http, mailboxId, request.OperationId, request.MessageIds);
        if (edit is null)
            return refusal!;

        var changed = await store.WriteAsync(
            transaction => transaction.Expire(edit, request.At?.ToUniversalTime(), request.BurnAfterMinutes, now), cancellationToken);
        changes.Publish([changed]);
        return TypedResults.Ok(new ChangeResponse(changed.ModSeq));
    }

    /// <summary>The edit a request asks for, or what is wrong with it.</summary>
    public static (MailboxEdit? Edit, ProblemHttpResult? Refusal) EditOf(
        HttpContext http, string mailboxId, string operationId, IReadOnlyList<string> messageIds)
    {
        if (messageIds.Count > MostMessagesAtOnce)
            return (null, Problems.Invalid($"At most {MostMessagesAtOnce} messages at once."));
        return ObjectId.TryParse(operationId, out var operation) && MessagesOf(messageIds) is { } messages
            ? (new MailboxEdit(http.User.AccountId(), MailboxOf(mailboxId), operation, messages), null)
            : (null, Problems.Invalid("Ids are 26 characters of base32."));
    }

    private static ServerSentEventsResult<ChangedEvent> Events(
        HttpContext http, IStore store, MailboxChanges changes, IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var session = http.Session();
        var mailboxes = store.MailboxesOf(session.AccountId).Select(member => member.MailboxId).ToHashSet();
        return TypedResults.ServerSentEvents(StreamAsync(cancellationToken));

        async IAsyncEnumerable<SseItem<ChangedEvent>> StreamAsync([EnumeratorCancellation] CancellationToken aborted)
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(aborted, lifetime.ApplicationStopping);
            // Listening begins before the present state is read, so no change falls between the two.
            var listening = changes.ListenAsync(session, mailboxes, ending.Token).GetAsyncEnumerator(ending.Token);
            await using var _ = listening.ConfigureAwait(false);
            var next = listening.MoveNextAsync().AsTask();
            foreach (var id in mailboxes)
                if (store.Get(MailboxRow.All, Key.Of(id.Value)) is { } mailbox)
                    yield return Changed(new MailboxChange(id, mailbox.HighestModSeq));
            while (await Arrived(next))
            {
                yield return Changed(listening.Current);
                next = listening.MoveNextAsync().AsTask();
            }
        }

        static async Task<bool> Arrived(Task<bool> next)
        {
            try
            {
                return await next;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        static SseItem<ChangedEvent> Changed(MailboxChange change) =>
            new(new ChangedEvent(change.MailboxId.ToString(), change.ModSeq), "changed");
    }

    public static MailboxId MailboxOf(string id) => new(ObjectId.TryParse(id, out var value) ? value : default);

    private static List<MessageId>? MessagesOf(IReadOnlyList<string> texts)
    {
        var ids = new List<MessageId>(texts.Count);
        foreach (var text in texts)
        {
            if (!ObjectId.TryParse(text, out var id))
                return null;
            ids.Add(new MessageId(id));
        }
        return ids;
    }
}
