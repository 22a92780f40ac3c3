using System.Collections.Frozen;
using System.Reflection;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Appliance.Server.Hosting;

/// <summary>
/// The web client, out of the assembly (Web.targets): hashed assets to keep for ever, brotli where the browser takes it, and for every
/// other path the one page, which finds its own way. Its policy lets nothing in from elsewhere.
/// </summary>
internal static class WebAssets
{
    private const string Prefix = "web/";
    private const string Page = "index.html";
    private const string HashedFolder = "assets/";

    internal const string Policy =
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        + "connect-src 'self'; font-src 'self'; manifest-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        + "require-trusted-types-for 'script'; trusted-types appliance default dompurify";

    private static readonly Assembly Home = typeof(WebAssets).Assembly;
    internal static FrozenDictionary<string, WebFile> Files { get; } = FindFiles();
    private static readonly WebFile NotBuiltIn = new(
        "text/html; charset=utf-8",
        "<!doctype html><meta charset=utf-8><title>Mail</title><p>This program was built without its web client (BuildWeb=false).</p>"u8.ToArray(),
        null);

    public static void MapWebAssets(this WebApplication app) =>
        app.MapMethods("/{**path}", [HttpMethods.Get, HttpMethods.Head], Serve).ExcludeFromDescription();

    private static IResult Serve(HttpContext http, string? path)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        if (path is not null && Files.TryGetValue(path, out var file))
        {
            headers.CacheControl = path.StartsWith(HashedFolder, StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
            return Answer(http, file);
        }
        // A file that is not there is not the page, or an old page would get HTML for its script.
        // Nor are the control socket's paths, which exist on the socket alone.
        if (Path.HasExtension(path) || http.Request.Path.StartsWithSegments("/control", StringComparison.OrdinalIgnoreCase))
            return Results.NotFound();
        headers.CacheControl = "no-cache";
        return Answer(http, Files.GetValueOrDefault(Page, NotBuiltIn));
    }

    private static IResult Answer(HttpContext http, WebFile file)
    {
        if (file.Brotli is null)
            return Results.Bytes(file.Bytes, file.ContentType);
        http.Response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (!TakesBrotli(http.Request))
            return Results.Bytes(file.Bytes, file.ContentType);
        http.Response.Headers.ContentEncoding = "br";
        return Results.Bytes(file.Brotli, file.ContentType);
    }

    private static bool TakesBrotli(HttpRequest request) =>
        StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var encodings)
        && encodings.Any(encoding => encoding.Value == "br" && encoding.Quality is null or > 0);

    private static FrozenDictionary<string, WebFile> FindFiles()
    {
        var types = new FileExtensionContentTypeProvider();
        var names = Home.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).ToHashSet();
        return names.Where(name => !name.EndsWith(".br", StringComparison.Ordinal)).ToFrozenDictionary(name => name[Prefix.Length..], name => new WebFile(
            TypeOf(types, name), Read(name), names.Contains(name + ".br") ? Read(name + ".br") : null));
    }

    private static string TypeOf(FileExtensionContentTypeProvider types, string name) =>
        !types.TryGetContentType(name, out var type) ? "application/octet-stream"
        : type.StartsWith("text/", StringComparison.Ordinal) ? type + "; charset=utf-8"
        : type;

    private static byte[] Read(string name)
    {
        using var stream = Home.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    internal sealed record WebFile(string ContentType, byte[] Bytes, byte[]? Brotli);
}
