namespace Appliance.Server.Hosting;

/// <summary>Headers every answer carries; pages add their own Content-Security-Policy.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        // Only when the answer begins: where something could not be done, the headers set until then are thrown away.
        http.Response.OnStarting(static context => Add((HttpContext)context), http);
        return next(http);
    }

    private static Task Add(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (http.Request.IsHttps)
            headers.StrictTransportSecurity = "max-age=63072000";
        // Routing looks past upper and lower case, and so does this.
        if (http.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase))
        {
            headers.CacheControl = "no-store";
            headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        }
        return Task.CompletedTask;
    }
}
