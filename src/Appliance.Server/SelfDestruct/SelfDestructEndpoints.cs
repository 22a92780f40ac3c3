using Appliance.Contracts;
using Appliance.Server.Mailboxes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.SelfDestruct;

internal static class SelfDestructEndpoints
{
    public static void MapSelfDestruct(this IEndpointRouteBuilder api) => api.MapMailboxGroup().MapPost("/messages/destroy", DestroyAsync);

    private static async Task<Results<Ok<ChangeResponse>, ProblemHttpResult>> DestroyAsync(
        string mailboxId, DestroyRequest request, HttpContext http, Destroyer destroyer, CancellationToken cancellationToken)
    {
        var (edit, refusal) = MailboxEndpoints.EditOf(http, mailboxId, request.OperationId, request.MessageIds);
        return edit is null
            ? refusal!
            : TypedResults.Ok(new ChangeResponse((await destroyer.DestroyAsync(edit, cancellationToken)).ModSeq));
    }
}
