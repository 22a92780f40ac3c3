using Appliance.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Accounts;

/// <summary>Errors as RFC 9457 problem details: a title for people, a stable <c>code</c> for programs, no internals.</summary>
public static class Problems
{
    public static ProblemHttpResult NotFound { get; } =
        Of(StatusCodes.Status404NotFound, "not-found", "There is nothing here, or it is not yours.");

    /// <summary>What an exception comes to that was not caught: damage is said to be damage, and nothing else is said.</summary>
    public static void Customize(ProblemDetailsContext context)
    {
        if (context.Exception is not StoreDamagedException)
            return;
        context.ProblemDetails.Title = "This cannot be read: part of the store is damaged. The operator sees more with: appliance store verify";
        context.ProblemDetails.Extensions["code"] = "damaged";
    }

    public static ProblemHttpResult Invalid(string detail) =>
        Of(StatusCodes.Status422UnprocessableEntity, "invalid", "The request cannot be carried out as it is.", detail);

    public static ProblemHttpResult Of(int status, string code, string title, string? detail = null) =>
        TypedResults.Problem(detail, statusCode: status, title: title, extensions: new Dictionary<string, object?> { ["code"] = code });
}
