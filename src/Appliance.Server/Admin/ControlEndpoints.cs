using Appliance.Contracts;
using Appliance.Server.Accounts;
using Appliance.Server.Inbound;
using Appliance.Server.Inbound.Traces;
using Appliance.Server.Keys;
using Appliance.Server.Mailboxes;
using Appliance.Server.SelfDestruct;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Upkeep;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Admin;

/// <summary>Marks a connection that came in over the control socket, whose file mode is its only credential.</summary>
public sealed record ControlConnection;

/// <summary>What the command line asks of a running service, over the control socket and nowhere else.</summary>
internal static class ControlEndpoints
{
    public static void MapControl(this IEndpointRouteBuilder app)
    {
        var control = app.MapGroup("/control").AddEndpointFilter(OnlyFromTheSocketAsync).ExcludeFromDescription();
        control.MapPost("/setup", SetUpAsync);
        control.MapPost("/invitations", InviteAsync);
        control.MapGet("/store/dump", (StoreHost host) =>
            TypedResults.Stream(output => host.Store.DumpAsync(output, host.Collections), "application/octet-stream"));
        var upkeep = control.MapGroup("/store").AddEndpointFilter(SayWhyRefusedAsync);
        upkeep.MapPost("/verify", (StoreVerifier verifier, CancellationToken cancellationToken) => verifier.RunAsync(cancellationToken));
        upkeep.MapPost("/compact", (StoreRewriter rewriter, CancellationToken cancellationToken) => rewriter.CompactAsync(cancellationToken));
        upkeep.MapPost("/rekey", (StoreRewriter rewriter, CancellationToken cancellationToken) => rewriter.RekeyAsync(cancellationToken));
        control.MapPost("/time/confirm", async (DestructionClock clock, Destroyer destroyer, CancellationToken cancellationToken) =>
        {
            var now = await clock.ConfirmAsync(cancellationToken);
            return new TimeConfirmResponse(now, await destroyer.RunAsync(cancellationToken));
        });
        control.MapGet("/users", (IStore store) => Users.List(store));
        control.MapPost("/quotas", async (QuotaRequest request, IStore store, CancellationToken cancellationToken) =>
            Answer(await Quotas.SetAsync(store, request, cancellationToken)));
        control.MapPost("/trace", async (TraceRequest request, MailTraces traces, CancellationToken cancellationToken) =>
            Answer(await Traces.FindAsync(traces, request, cancellationToken)));
        control.MapGet("/mx", (MxCounters counters) => counters.Read());
        control.MapGet("/domains", (IStore store) => Addressing.ListDomains(store));
        control.MapPost("/domains", async (DomainRequest request, Addressing addressing, CancellationToken cancellationToken) =>
            Answer(await addressing.SetDomainAsync(request, cancellationToken)));
        control.MapGet("/aliases", (IStore store) => Addressing.ListAliases(store));
        control.MapPost("/aliases", async (AliasRequest request, Addressing addressing, CancellationToken cancellationToken) =>
            Answer(await addressing.SetAliasAsync(request, cancellationToken)));
    }

    private static ValueTask<object?> OnlyFromTheSocketAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Features.Get<ControlConnection>() is not null ? next(context) : ValueTask.FromResult<object?>(Problems.NotFound);

    /// <summary>Whoever asks here is the operator, and may know.</summary>
    private static async ValueTask<object?> SayWhyRefusedAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception refused) when (refused is UpkeepRefusedException or StoreFailedException)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "upkeep-refused", "The store command could not be carried out.", refused.Message);
        }
    }

    private static async Task<Results<Ok<LinkResponse>, ProblemHttpResult>> SetUpAsync(
        SetupRequest request, LinkMaker links, WebOrigin origin, SetupLinkFile file, CancellationToken cancellationToken)
    {
        var (link, refusal) = await links.SetupAsync(request.Domain, request.Admin, origin.Value, cancellationToken);
        if (link is null)
            return Problems.Invalid(refusal!);
        file.Write(link.Link);
        return TypedResults.Ok(link);
    }

    private static async Task<Results<Ok<LinkResponse>, ProblemHttpResult>> InviteAsync(
        InvitationRequest request, LinkMaker links, WebOrigin origin, CancellationToken cancellationToken) =>
        Answer(await links.InviteAsync(request.Address, origin.Value, cancellationToken));

    private static Results<Ok<T>, ProblemHttpResult> Answer<T>(Outcome<T> outcome) where T : class =>
        outcome.Value is { } value ? TypedResults.Ok(value) : Problems.Invalid(outcome.Refusal!);
}

/// <summary>Everyone with an address here: members and those still invited.</summary>
public static class Users
{
    private const int PageSize = 1000;

    public static IReadOnlyList<UserResponse> List(IStoreReader store)
    {
        var users = new List<UserResponse>();
        byte[] from = [];
        while (true)
        {
            var page = store.Range(AddressRow.All, from, Key.Last, PageSize);
            foreach (var address in page)
            {
                var account = store.FindAccount(address.Address);
                if (account is not null)
                {
                    var mailbox = store.Get(MailboxRow.All, Key.Of(address.MailboxId.Value));
                    users.Add(new UserResponse(address.Address, "active", account.IsOperator, account.CreatedAt, mailbox?.UsedBytes ?? 0, mailbox?.QuotaBytes));
                }
                else if (address.InvitedUntil is { } until)
                    users.Add(new UserResponse(address.Address, "invited", IsOperator: false, until - LinkMaker.Lifetime));
            }
            if (page.Count < PageSize)
                return users;
            from = Key.After(Key.Of(page[^1].Address));
        }
    }
}
