using System.IO.Compression;
using System.Net;
using System.Text.RegularExpressions;
using Appliance.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Appliance.Server.Tests.Hosting;

/// <summary>A program built with <c>-p:BuildWeb=false</c> skips these; in CI a skip is a failure.</summary>
public sealed partial class WebAssetsTests : IAsyncLifetime
{
    private WebApplication host = null!;
    private HttpClient client = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(WebAssets.Files.Count == 0, "Built without the web client.");
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        host = builder.Build();
        host.Map("/api/{**rest}", () => Results.Problem(statusCode: StatusCodes.Status404NotFound));
        host.MapWebAssets();
        await host.StartAsync(TestContext.Current.CancellationToken);
        client = new HttpClient { BaseAddress = new Uri(host.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        client?.Dispose();
        if (host is not null)
            await host.DisposeAsync();
    }

    [Fact]
    public async Task The_page_and_all_it_names_are_built_in()
    {
        var page = await client.GetStringAsync("/", TestContext.Current.CancellationToken);
        var named = Link().Matches(page).Select(match => match.Groups[1].Value).ToList();

        Assert.Contains(named, path => path.EndsWith(".js", StringComparison.Ordinal));
        foreach (var path in named)
        {
            using var answer = await GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/index.html")]
    [InlineData("/activate")]
    [InlineData("/mail/inbox/some-message")]
    public async Task Answers_every_address_of_the_client_with_its_page(string path)
    {
        using var answer = await GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-cache", answer.Headers.CacheControl?.ToString());
        Assert.Equal([WebAssets.Policy], answer.Headers.GetValues("Content-Security-Policy"));
    }

    [Theory]
    [InlineData("/assets/index-gone.js")]
    [InlineData("/index.html.br")]
    [InlineData("/favicon.none")]
    [InlineData("/api/none")]
    [InlineData("/control/none")]
    public async Task Never_answers_with_the_page_for_what_is_not_there(string path)
    {
        using var answer = await GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.NotEqual("text/html", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Refuses_to_change_anything()
    {
        using var answer = await client.PostAsync("/", null, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    [Fact]
    public async Task Files_named_by_their_content_are_kept_for_ever_and_bound_by_the_policy()
    {
        using var answer = await GetAsync(Script());

        Assert.Equal("public, max-age=31536000, immutable", answer.Headers.CacheControl?.ToString());
        Assert.Equal("text/javascript", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal([WebAssets.Policy], answer.Headers.GetValues("Content-Security-Policy"));
    }

    [Theory]
    [InlineData("gzip, deflate, br, zstd", true)]
    [InlineData("br;q=0.5", true)]
    [InlineData("gzip, br;q=0", false)]
    [InlineData("gzip", false)]
    [InlineData(null, false)]
    public async Task Hands_out_brotli_to_who_takes_it(string? accepted, bool compressed)
    {
        using var answer = await GetAsync(Script(), accepted);
        var bytes = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);

        Assert.Equal(compressed ? ["br"] : [], answer.Content.Headers.ContentEncoding);
        Assert.Equal(["Accept-Encoding"], answer.Headers.Vary);
        Assert.Equal(await client.GetByteArrayAsync(Script(), TestContext.Current.CancellationToken), compressed ? Decompress(bytes) : bytes);
    }

    private static string Script() => WebAssets.Files.Keys.First(path => path.StartsWith("assets/", StringComparison.Ordinal) && path.EndsWith(".js", StringComparison.Ordinal));

    private async Task<HttpResponseMessage> GetAsync(string path, string? accepted = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accepted is not null)
            request.Headers.Add("Accept-Encoding", accepted);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static byte[] Decompress(byte[] bytes)
    {
        using var plain = new MemoryStream();
        using var brotli = new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress);
        brotli.CopyTo(plain);
        return plain.ToArray();
    }

    [GeneratedRegex("(?:src|href)=\"(/[^\"]+)\"")]
    private static partial Regex Link();
}
