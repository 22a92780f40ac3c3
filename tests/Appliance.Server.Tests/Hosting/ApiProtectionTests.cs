using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Appliance.Contracts;
using Appliance.Crypto.Formats;
using Appliance.Server.Accounts;
using Appliance.Server.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Tests.Hosting;

public sealed class ApiProtectionTests
{
    private static readonly SignInStartRequest SignIn = new("nobody@example.org", "password");

    /// <summary>Unknown, cut short, with bits or characters that base64url has no place for, too long.</summary>
    public static TheoryData<string> NoTokens => ["", "x", .. new[] { new string('A', 43), new('x', 43), new('!', 43), new('A', 44), new('A', 5_000) }];

    [Theory]
    [InlineData(null, null, null, HttpStatusCode.Forbidden)]
    [InlineData("1", null, null, HttpStatusCode.OK)]
    [InlineData("1", "Sec-Fetch-Site", "same-origin", HttpStatusCode.OK)]
    [InlineData("1", "Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("1", "Sec-Fetch-Site", "same-site", HttpStatusCode.Forbidden)]
    [InlineData("1", "Origin", "https://elsewhere.example", HttpStatusCode.Forbidden)]
    [InlineData("1", "Origin", "null", HttpStatusCode.Forbidden)]
    public async Task A_change_must_come_from_our_own_client(string? client, string? header, string? value, HttpStatusCode expected)
    {
        await using var appliance = await RunningAppliance.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/signin/start") { Content = JsonContent.Create(SignIn) };
        if (client is not null)
            request.Headers.Add("X-Appliance-Client", client);
        if (header is not null)
            request.Headers.Add(header, value);
        using var response = await appliance.Http.SendAsync(request);
        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task An_unknown_address_is_answered_twice_alike_and_with_strong_parameters()
    {
        await using var appliance = await RunningAppliance.StartAsync();
        var first = await StartAsync(appliance, SignIn);
        var second = await StartAsync(appliance, SignIn);
        var other = await StartAsync(appliance, SignIn with { Address = "somebody@example.org" });
        Assert.Equal((first.AccountId, first.SlotId), (second.AccountId, second.SlotId));
        Assert.Equal(first.Kdf.Salt, second.Kdf.Salt);
        Assert.NotEqual(first.ServerPublic, second.ServerPublic);
        Assert.NotEqual(first.AccountId, other.AccountId);
        Assert.NotEqual(first.Kdf.Salt, other.Kdf.Salt);
        Assert.Equal(("argon2id", 65_536u, 3u, 1u), (first.Kdf.Name, first.Kdf.MemoryKiB, first.Kdf.Passes, first.Kdf.Lanes));
    }

    [Theory]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    [InlineData("!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!")]
    [InlineData("short")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task What_is_no_token_is_answered_like_an_unknown_one(string token)
    {
        await using var appliance = await RunningAppliance.StartAsync();
        using var link = await PostAsync(appliance, "/api/activation/lookup", new ActivationLookupRequest(token));
        Assert.Equal(HttpStatusCode.NotFound, link.StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/account");
        request.Headers.Add("Cookie", "appliance-session=" + token);
        using var account = await appliance.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, account.StatusCode);
    }

    [Fact]
    public async Task A_challenge_is_good_for_one_finish()
    {
        await using var appliance = await RunningAppliance.StartAsync();
        var started = await StartAsync(appliance, SignIn);
        foreach (var _ in Enumerable.Range(0, 2))
        {
            using var response = await PostAsync(appliance, "/api/signin/finish", new SignInFinishRequest(started.ChallengeId, "2", "3"));
            Assert.Equal((HttpStatusCode.Unauthorized, "sign-in-failed"), (response.StatusCode, await CodeAsync(response)));
        }
    }

    [Fact]
    public async Task Too_many_attempts_from_one_network_are_slowed_down()
    {
        await using var appliance = await RunningAppliance.StartAsync("--SignIn:RequestsPerMinute", "3");
        for (var i = 0; i < 3; i++)
            await StartAsync(appliance, SignIn);
        using var response = await PostAsync(appliance, "/api/signin/start", SignIn);
        Assert.Equal((HttpStatusCode.TooManyRequests, "slow-down"), (response.StatusCode, await CodeAsync(response)));
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task Too_many_attempts_at_one_address_are_slowed_down()
    {
        await using var appliance = await RunningAppliance.StartAsync("--SignIn:AttemptsPerAddress", "2");
        await StartAsync(appliance, SignIn);
        await StartAsync(appliance, SignIn with { Address = "NOBODY@Example.org" });
        using var refused = await PostAsync(appliance, "/api/signin/start", SignIn);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        await StartAsync(appliance, SignIn with { Address = "somebody@example.org" });
    }

    [Fact]
    public async Task A_proof_is_not_looked_at_once_too_many_were_wrong_for_its_address()
    {
        await using var appliance = await RunningAppliance.StartAsync();
        var started = await StartAsync(appliance, SignIn);
        Assert.True(ObjectId.TryParse(started.AccountId, out var account));
        var limits = appliance.Services.GetRequiredService<SignInLimits>();
        for (var i = 0; i < SignInLimits.MostGuesses; i++)
            limits.AllowsGuess(new AccountId(account), new DefaultHttpContext());
        using var refused = await PostAsync(appliance, "/api/signin/finish", new SignInFinishRequest(started.ChallengeId, "2", "3"));
        Assert.Equal((HttpStatusCode.TooManyRequests, "slow-down"), (refused.StatusCode, await CodeAsync(refused)));
    }

    [Fact]
    public async Task What_is_longer_than_any_address_is_not_looked_up()
    {
        await using var appliance = await RunningAppliance.StartAsync();
        using var longest = await PostAsync(appliance, "/api/signin/start", SignIn with { Address = new string('a', 320) });
        Assert.Equal(HttpStatusCode.OK, longest.StatusCode);
        using var refused = await PostAsync(appliance, "/api/signin/start", SignIn with { Address = new string('a', 321) });
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "invalid"), (refused.StatusCode, await CodeAsync(refused)));
    }

    [Theory]
    [InlineData("/api/signin/start", 16)]
    [InlineData("/api/signin/finish", 16)]
    [InlineData("/api/activation/lookup", 16)]
    [InlineData("/api/activation/complete", 256)]
    public async Task Whoever_is_not_signed_in_may_say_little(string path, int kilobytes)
    {
        await using var appliance = await RunningAppliance.StartAsync();
        using var much = await PostAsync(appliance, path, new { Address = new string('a', kilobytes * 1024) });
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, much.StatusCode);
        using var less = await PostAsync(appliance, path, new { Address = new string('a', (kilobytes - 1) * 1024) });
        Assert.InRange((int)less.StatusCode, 400, 499);
        Assert.NotEqual(HttpStatusCode.RequestEntityTooLarge, less.StatusCode);
    }

    [Theory]
    [InlineData("/api/account")]
    [InlineData("/API/account")]
    [InlineData("/Api/nothing")]
    public async Task No_answer_of_the_api_is_kept_or_run_as_a_page_however_its_path_is_written(string path)
    {
        await using var appliance = await RunningAppliance.StartAsync();
        using var response = await appliance.Http.GetAsync(path);
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.Equal(["default-src 'none'; frame-ancestors 'none'"], response.Headers.GetValues("Content-Security-Policy"));
    }

    [Fact]
    public async Task No_more_is_an_answer_to_what_could_not_be_done()
    {
        await using var appliance = await RunningAppliance.StartAsync();
        await ((IAsyncDisposable)appliance.Services.GetRequiredService<IStore>()).DisposeAsync();
        using var response = await PostAsync(appliance, "/api/signin/start", SignIn);
        Assert.InRange((int)response.StatusCode, 500, 599);
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.Equal(["default-src 'none'; frame-ancestors 'none'"], response.Headers.GetValues("Content-Security-Policy"));
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
    }

    [Fact]
    public async Task A_request_that_lacks_a_field_or_has_null_for_one_is_no_fault_of_the_server()
    {
        await using var appliance = await RunningAppliance.StartAsync();
        foreach (var body in new[] { "{}", """{"challengeId":null,"clientPublic":"2","clientProof":"3"}""" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/signin/finish") { Content = new StringContent(body, new MediaTypeHeaderValue("application/json")) };
            request.Headers.Add("X-Appliance-Client", "1");
            using var response = await appliance.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }
        var json = appliance.Services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var requests = typeof(SignInStartRequest).Assembly.GetExportedTypes().Where(type => type.Name.EndsWith("Request", StringComparison.Ordinal)).ToList();
        Assert.Contains(typeof(MoveRequest), requests);
        Assert.All(requests, type => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("{}", type, json)));
    }

    [Theory]
    [InlineData("/api/account")]
    [InlineData("/api/events")]
    [InlineData("/api/session/slot")]
    [InlineData("/api/mailboxes/aaaaaaaaaaaaaaaaaaaaaaaaaa/messages/aaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task Without_a_session_nothing_is_read(string path)
    {
        await using var appliance = await RunningAppliance.StartAsync();
        using var response = await appliance.Http.GetAsync(path);
        Assert.Equal((HttpStatusCode.Unauthorized, "signed-out"), (response.StatusCode, await CodeAsync(response)));
    }

    [Theory]
    [MemberData(nameof(NoTokens))]
    public async Task A_cookie_that_is_no_session_signs_nobody_in(string token)
    {
        await using var appliance = await RunningAppliance.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/account");
        request.Headers.Add("Cookie", $"appliance-session={token}");
        using var response = await appliance.Http.SendAsync(request);
        Assert.Equal((HttpStatusCode.Unauthorized, "signed-out"), (response.StatusCode, await CodeAsync(response)));
    }

    [Theory]
    [InlineData("/control/users")]
    [InlineData("/control/store/dump")]
    [InlineData("/Control/nothing")]
    public async Task The_control_interface_is_not_on_the_web(string path)
    {
        await using var appliance = await RunningAppliance.StartAsync();
        using var response = await appliance.Http.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task The_set_up_link_is_looked_up_and_a_wrong_one_is_not_told_apart()
    {
        await using var appliance = await RunningAppliance.StartAsync();
        using var found = await PostAsync(appliance, "/api/activation/lookup", new ActivationLookupRequest(appliance.SetupToken));
        Assert.Equal("setup", (await found.Content.ReadFromJsonAsync<ActivationLookupResponse>())!.Kind);
        foreach (var token in NoTokens.Select(row => row.Data).Append(appliance.SetupToken + "A").Append(appliance.SetupToken[..^1] + "?"))
        {
            using var missing = await PostAsync(appliance, "/api/activation/lookup", new ActivationLookupRequest(token));
            Assert.Equal((HttpStatusCode.NotFound, "link-unknown"), (missing.StatusCode, await CodeAsync(missing)));
        }
    }

    private static async Task<SignInStartResponse> StartAsync(RunningAppliance appliance, SignInStartRequest request)
    {
        using var response = await PostAsync(appliance, "/api/signin/start", request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<SignInStartResponse>())!;
    }

    private static async Task<HttpResponseMessage> PostAsync<T>(RunningAppliance appliance, string path, T body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("X-Appliance-Client", "1");
        return await appliance.Http.SendAsync(request);
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage response)
    {
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return problem.RootElement.GetProperty("code").GetString();
    }
}
