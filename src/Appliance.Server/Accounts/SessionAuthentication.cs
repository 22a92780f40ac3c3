using System.Security.Claims;
using System.Text.Encodings.Web;
using Appliance.Crypto.Formats;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Accounts;

/// <summary>Recognises a request by its session cookie (docs/api.md).</summary>
internal sealed class SessionAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, Sessions sessions, KnownNetworks known)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "session";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (SessionCookie.Read(Context) is not { } token || await sessions.FindAsync(token, Context.RequestAborted) is not { } session)
            return AuthenticateResult.NoResult();
        known.Note(session.AccountId, ClientSite.Of(Context));
        Context.Features.Set(session);
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, session.AccountId.ToString())], SessionAuthentication.SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SessionAuthentication.SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        Problems.Of(StatusCodes.Status401Unauthorized, "signed-out", "Please sign in.").ExecuteAsync(Context);
}

internal static class SessionCookie
{
    private const string Name = "appliance-session";

    // RFC 6265bis §4.1.3.2: over HTTPS the prefix makes the browser refuse a cookie that another host or a plain page set.
    private static string NameFor(HttpContext http) => http.Request.IsHttps ? "__Host-" + Name : Name;

    public static string? Read(HttpContext http) => http.Request.Cookies[NameFor(http)];

    public static void Set(HttpContext http, string token) =>
        http.Response.Cookies.Append(NameFor(http), token, Options(http, Sessions.IdleLimit));

    public static void Clear(HttpContext http) => http.Response.Cookies.Delete(NameFor(http), Options(http, maxAge: null));

    private static CookieOptions Options(HttpContext http, TimeSpan? maxAge) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = http.Request.IsHttps,
        Path = "/",
        MaxAge = maxAge,
        IsEssential = true,
    };
}

internal static class SignedIn
{
    /// <summary>The account of an endpoint that requires authorization.</summary>
    public static AccountId AccountId(this ClaimsPrincipal user) =>
        ObjectId.TryParse(user.FindFirstValue(ClaimTypes.NameIdentifier), out var id)
            ? new AccountId(id)
            : throw new InvalidOperationException("The endpoint does not require authorization.");

    public static LiveSession Session(this HttpContext http) =>
        http.Features.Get<LiveSession>() ?? throw new InvalidOperationException("The endpoint does not require authorization.");
}
