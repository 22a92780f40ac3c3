using Appliance.Contracts;
using Appliance.Crypto.Formats;
using Appliance.Server.Accounts;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.SelfDestruct;

internal static class SelfDestructEndpoints
{
    public static void MapSelfDestruct(this IEndpointRouteBuilder api)
    {
        var mailbox = api.MapMailboxGroup();
        mailbox.MapPost("/messages/destroy", DestroyAsync);
        mailbox.MapPost("/folders/{folderId}/empty", EmptyAsync);
        api.MapRetention();
    }

    private static async Task<Results<Ok<ChangeResponse>, ProblemHttpResult>> DestroyAsync(
        string mailboxId, DestroyRequest request, HttpContext http, Destroyer destroyer, CancellationToken cancellationToken)
    {
        var (edit, refusal) = MailboxEndpoints.EditOf(http, mailboxId, request.OperationId, request.MessageIds);
        return edit is null
            ? refusal!
            : TypedResults.Ok(new ChangeResponse((await destroyer.DestroyAsync(edit, cancellationToken)).ModSeq));
    }

    private static async Task<Results<Ok<EmptiedResponse>, ProblemHttpResult>> EmptyAsync(
        string mailboxId, string folderId, EmptyRequest request, IStore store, Destroyer destroyer, CancellationToken cancellationToken)
    {
        var mailbox = MailboxEndpoints.MailboxOf(mailboxId);
        if (!ObjectId.TryParse(folderId, out var id) || store.Get(FolderRow.All, Key.Of(mailbox.Value, id)) is not { } folder)
            return Problems.NotFound;
        if (folder.Role is not (FolderRole.Junk or FolderRole.Trash))
            return Problems.Invalid("Only Junk and Trash can be emptied; move messages there first.");
        return TypedResults.Ok(new EmptiedResponse(await destroyer.EmptyAsync(mailbox, folder.Id, request.ThroughUid, cancellationToken)));
    }
}
