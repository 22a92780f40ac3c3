using Appliance.Contracts;
using Appliance.Crypto.Formats;
using Appliance.Server.Accounts;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.SelfDestruct;

/// <summary>How long mail is kept: each member's own rule, and the operator's for all.</summary>
internal static class RetentionEndpoints
{
    private const int MostCounted = 10_000;

    public static void MapRetention(this IEndpointRouteBuilder api)
    {
        var mailbox = api.MapMailboxGroup();
        mailbox.MapGet("/retention", Find);
        mailbox.MapPut("/retention", SetAsync);
        mailbox.MapGet("/retention/preview", Preview);
        var policy = api.MapGroup("/policy").RequireAuthorization().AddEndpointFilter(OnlyTheOperatorAsync).WithTags("Policy");
        policy.MapGet("", (IStore store) => new PolicyDocument(store.RetentionPolicy()?.Days));
        policy.MapPut("", SetPolicyAsync);
        policy.MapGet("/preview", PreviewPolicy);
    }

    private static async ValueTask<object?> OnlyTheOperatorAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        return http.RequestServices.GetRequiredService<IStore>().FindAccount(http.User.AccountId()) is { IsOperator: true }
            ? await next(context)
            : Problems.NotFound;
    }

    private static Ok<RetentionResponse> Find(string mailboxId, IStore store) =>
        TypedResults.Ok(Describe(store.RetentionOf(MailboxEndpoints.MailboxOf(mailboxId))));

    private static async Task<Results<Ok<RetentionResponse>, ProblemHttpResult>> SetAsync(
        string mailboxId,
        RetentionRequest request,
        HttpContext http,
        IStore store,
        MailboxChanges changes,
        IExpiryClock clock,
        SelfDestructNudge nudge,
        CancellationToken cancellationToken)
    {
        if (!IsPossible(request.Days))
            return Impossible;
        var (edit, refusal) = MailboxEndpoints.EditOf(http, mailboxId, request.OperationId, []);
        if (edit is null)
            return refusal!;
        var now = clock.Now;
        changes.Publish(
            [await store.WriteAsync(transaction => transaction.SetRetention(edit, request.Days, request.SuggestsSenderExpiry, now), cancellationToken)]);
        await nudge.SendAsync(cancellationToken);
        return TypedResults.Ok(Describe(store.RetentionOf(edit.MailboxId)));
    }

    private static async Task<Results<Ok<PolicyDocument>, ProblemHttpResult>> SetPolicyAsync(
        PolicyDocument request, IStore store, IExpiryClock clock, SelfDestructNudge nudge, CancellationToken cancellationToken)
    {
        if (!IsPossible(request.RetentionDays))
            return Impossible;
        var now = clock.Now;
        await store.WriteAsync(
            transaction =>
            {
                transaction.SetRetentionPolicy(request.RetentionDays, now);
                return 0;
            },
            cancellationToken);
        await nudge.SendAsync(cancellationToken);
        return TypedResults.Ok(request);
    }

    private static Results<Ok<RetentionPreviewResponse>, ProblemHttpResult> Preview(string mailboxId, int days, IStore store, IExpiryClock clock) =>
        Count([MailboxEndpoints.MailboxOf(mailboxId)], days, MailboxRetention.MemberGrace, store, clock);

    private static Results<Ok<RetentionPreviewResponse>, ProblemHttpResult> PreviewPolicy(int days, IStore store, IExpiryClock clock) =>
        Count(store.Mailboxes().Select(mailbox => mailbox.Id), days, MailboxRetention.PolicyGrace, store, clock);

    private static Results<Ok<RetentionPreviewResponse>, ProblemHttpResult> Count(
        IEnumerable<MailboxId> mailboxes, int days, TimeSpan grace, IStore store, IExpiryClock clock)
    {
        if (!IsPossible(days))
            return Impossible;
        var (from, messages) = (clock.Now + grace, 0);
        foreach (var mailbox in mailboxes)
            messages += messages > MostCounted ? 0 : store.CountOlder(mailbox, from.AddDays(-days), MostCounted + 1 - messages);
        return TypedResults.Ok(new RetentionPreviewResponse(Math.Min(messages, MostCounted), messages > MostCounted, from));
    }

    private static bool IsPossible(int? days) => days is null or (>= 1 and <= RetentionRule.MostDays);

    private static ProblemHttpResult Impossible => Problems.Invalid($"Mail is kept 1 to {RetentionRule.MostDays} days, or for good.");

    private static RetentionResponse Describe(MailboxRetention retention) =>
        new(retention.Account?.Days, retention.Policy?.Days, retention.SuggestsSenderExpiry);
}
