namespace Appliance.Server.Accounts;

/// <summary>
/// Refuses changes that another site's page may have caused: a change carries our own header, which no form can send and
/// no foreign script may without a pre-flight, and browsers' own word on where it came from must not be another site.
/// </summary>
internal static class CrossSite
{
    public const string ClientHeader = "X-Appliance-Client";

    public static ValueTask<object?> RefuseAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || IsOurs(request))
            return next(context);
        return ValueTask.FromResult<object?>(IsOfOurPages(request)
            ? Problems.Of(StatusCodes.Status403Forbidden, "unnamed-proxy", "A reverse proxy stands in front of this server that Web:TrustedProxies does not name.")
            : Problems.Of(StatusCodes.Status403Forbidden, "cross-site", $"The request must come from this site's own pages or carry {ClientHeader}."));
    }

    /// <summary>The browser says so, but names an origin that is not what was asked for here: something between asked for another.</summary>
    private static bool IsOfOurPages(HttpRequest request) => request.Headers[ClientHeader] == "1" && request.Headers["Sec-Fetch-Site"] == "same-origin";

    private static bool IsOurs(HttpRequest request)
    {
        if (request.Headers[ClientHeader] != "1")
            return false;
        if (request.Headers["Sec-Fetch-Site"] is [{ } site] && site is not ("same-origin" or "none"))
            return false;
        return request.Headers.Origin is not [{ } origin] || origin == $"{request.Scheme}://{request.Host}";
    }
}
