using Appliance.Contracts;
using Appliance.Crypto.Formats;
using Appliance.Mail.Addresses;
using Appliance.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Accounts;

/// <summary>Signing in and out, and the session slot. No endpoint here takes a password or an unwrapped key.</summary>
internal static class SignInEndpoints
{
    // RFC 5321 §4.5.3.1: 64 octets, @, 255 octets.
    private const int LongestAddress = 320;

    public static void MapSignIn(this IEndpointRouteBuilder api)
    {
        var signIn = api.MapGroup("/signin").AddEndpointFilter(SignInLimits.ApplyAsync).WithMetadata(new BodyLimit(16)).WithTags("Sign-in");
        signIn.MapPost("/start", StartAsync);
        signIn.MapPost("/finish", FinishAsync);
        api.MapPost("/signout", SignOutAsync).RequireAuthorization().WithTags("Sign-in");
        api.MapPut("/session/slot", KeepSlotAsync).RequireAuthorization().WithTags("Sign-in");
        api.MapGet("/session/slot", FindSlot).RequireAuthorization().WithTags("Sign-in");
    }

    private static async Task<Results<Ok<SignInStartResponse>, ProblemHttpResult>> StartAsync(
        SignInStartRequest request, HttpContext http, SignIns signIns, SignInLimits limits, CancellationToken cancellationToken)
    {
        if (SlotShape.KindOf(request.Slot) is not { } kind)
            return Problems.Invalid("The slot is password or phrase.");
        if (request.Address.Length > LongestAddress)
            return Problems.Invalid($"An address has at most {LongestAddress} characters.");
        // What is no address is treated like an address nobody has.
        var address = Mailbox.TryParse(request.Address, out var parsed) ? parsed.Key : request.Address.ToLowerInvariant();
        var slot = await signIns.FindSlotAsync(address, kind, cancellationToken);
        return limits.AllowsAttempt(slot.AccountId, http)
            ? TypedResults.Ok(signIns.Start(slot, ClientSite.Of(http)))
            : SignInLimits.SlowDown(http, TimeSpan.FromMinutes(10));
    }

    private static async Task<Results<Ok<SignInFinishResponse>, ProblemHttpResult>> FinishAsync(
        SignInFinishRequest request, HttpContext http, SignIns signIns, SignInLimits limits, Sessions sessions, IStore store, CancellationToken cancellationToken)
    {
        var challenge = signIns.Take(request.ChallengeId);
        if (challenge is not null && !limits.AllowsGuess(challenge.AccountId, http))
            return SignInLimits.SlowDown(http, TimeSpan.FromMinutes(10));
        if (challenge is null || !challenge.Srp.TryVerify(request.ClientPublic, request.ClientProof, out var serverProof))
        {
            limits.CountFailure(http);
            return Problems.Of(StatusCodes.Status401Unauthorized, "sign-in-failed", "The address or the password is not right.");
        }
        var token = await store.WriteAsync(transaction => sessions.Begin(transaction, challenge.AccountId), cancellationToken);
        SessionCookie.Set(http, token);
        return TypedResults.Ok(new SignInFinishResponse(serverProof, challenge.AccountId.ToString()));
    }

    private static async Task<NoContent> SignOutAsync(HttpContext http, Sessions sessions, CancellationToken cancellationToken)
    {
        await sessions.EndAsync(http.Session().TokenHash, cancellationToken);
        SessionCookie.Clear(http);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> KeepSlotAsync(
        SessionSlot slot, HttpContext http, Sessions sessions, CancellationToken cancellationToken)
    {
        if (!ObjectId.TryParse(slot.SlotId, out var id) || slot.ServerHalf.Length != 32 || slot.Wrap.Length != SlotShape.WrapLength)
            return Problems.Invalid("A session slot is an id, a half of 32 bytes and a wrap of 61.");
        var stored = new StoredSessionSlot { Id = new SlotId(id), ServerHalf = slot.ServerHalf, Wrap = slot.Wrap };
        await sessions.KeepSlotAsync(http.Session(), stored, cancellationToken);
        return TypedResults.NoContent();
    }

    private static Results<Ok<SessionSlot>, ProblemHttpResult> FindSlot(HttpContext http, Sessions sessions) =>
        sessions.SlotOf(http.Session()) is { } slot
            ? TypedResults.Ok(new SessionSlot(slot.Id.ToString(), slot.ServerHalf, slot.Wrap))
            : Problems.Of(StatusCodes.Status404NotFound, "no-slot", "This session keeps no slot; unlock with the password.");
}
