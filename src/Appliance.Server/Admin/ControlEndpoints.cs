using Appliance.Contracts;
using Appliance.Server.Accounts;
using Appliance.Server.Keys;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;
using Microsoft.AspNetCore.Http.Features;
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
        control.MapGet("/store/dump", (StoreHost host, HttpContext http) =>
        {
            // Pages are written out by the store's own thread, which awaits nothing.
            http.Features.GetRequiredFeature<IHttpBodyControlFeature>().AllowSynchronousIO = true;
            return TypedResults.Stream(output => host.Store.DumpAsync(output, host.Store.BodyBlobs()), "application/octet-stream");
        });
        control.MapGet("/users", (IStore store) => Users.List(store));
    }

    private static ValueTask<object?> OnlyFromTheSocketAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Features.Get<ControlConnection>() is not null ? next(context) : ValueTask.FromResult<object?>(Problems.NotFound);

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
        InvitationRequest request, LinkMaker links, WebOrigin origin, CancellationToken cancellationToken)
    {
        var (link, refusal) = await links.InviteAsync(request.Address, origin.Value, cancellationToken);
        return link is null ? Problems.Invalid(refusal!) : TypedResults.Ok(link);
    }
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
                    users.Add(new UserResponse(address.Address, "active", account.IsOperator, account.CreatedAt));
                else if (address.InvitedUntil is { } until)
                    users.Add(new UserResponse(address.Address, "invited", IsOperator: false, until - LinkMaker.Lifetime));
            }
            if (page.Count < PageSize)
                return users;
            from = Key.After(Key.Of(page[^1].Address));
        }
    }
}
