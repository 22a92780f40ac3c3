using Appliance.Contracts;
using Appliance.Server.Accounts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Admin;

internal static class ActivationEndpoints
{
    public static void MapActivation(this IEndpointRouteBuilder api)
    {
        var activation = api.MapGroup("/activation").AddEndpointFilter(SignInLimits.ApplyAsync).WithTags("Activation");
        activation.MapPost("/lookup", LookUp).WithMetadata(new BodyLimit(16));
        activation.MapPost("/complete", CompleteAsync).WithMetadata(new BodyLimit(256));
    }

    private static Results<Ok<ActivationLookupResponse>, ProblemHttpResult> LookUp(ActivationLookupRequest request, Activation activation) =>
        activation.Find(request.Token) is { } link
            ? TypedResults.Ok(new ActivationLookupResponse(
                link.Kind == LinkKind.Setup ? "setup" : "invitation",
                link.Domain ?? link.Address?[(link.Address.LastIndexOf('@') + 1)..],
                link.Address,
                link.AccountId.ToString(),
                link.MailboxId.ToString(),
                link.ExpiresAt))
            : Problems.Of(StatusCodes.Status404NotFound, "link-unknown", "This link is not known here: it was used, has expired, or was replaced by a newer one.");

    private static async Task<Results<NoContent, ProblemHttpResult>> CompleteAsync(
        ActivationRequest request, HttpContext http, Activation activation, SetupLinkFile setupLink, CancellationToken cancellationToken)
    {
        var (token, problem) = await activation.CompleteAsync(request, cancellationToken);
        if (problem is not null)
            return Problems.Of(problem.Status, problem.Code, problem.Message);
        setupLink.RemoveIfSetUp();
        SessionCookie.Set(http, token!);
        return TypedResults.NoContent();
    }
}
