using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Appliance.Contracts;
using Appliance.Crypto.Formats;
using Appliance.Server.Accounts;
using Appliance.Server.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Appliance.Server.Tests.Hosting;

/// <summary>The tests connect from 127.0.0.1, which is the proxy or is not.</summary>
public sealed class ReverseProxyTests
{
    private const string Proxies = "--Web:TrustedProxies";

    [Theory]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("192.0.2.0/24 127.0.0.0/8 ::1", HttpStatusCode.OK)]
    [InlineData("", HttpStatusCode.Forbidden)]
    [InlineData("192.0.2.1", HttpStatusCode.Forbidden)]
    public async Task A_trusted_proxy_says_by_which_origin_people_come_and_nobody_else_does(string proxies, HttpStatusCode expected)
    {
        await using var appliance = await RunningAppliance.StartAsync(Proxies, proxies);
        using var response = await AskAsync(appliance, "203.0.113.9", ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "mail.example.org"), ("Origin", "https://mail.example.org"));
        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK, response.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Another_sites_page_is_refused_behind_a_proxy_too()
    {
        await using var appliance = await RunningAppliance.StartAsync(Proxies, "127.0.0.1");
        using var response = await AskAsync(appliance, "203.0.113.9", ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "mail.example.org"), ("Origin", "https://elsewhere.example"));
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [InlineData("same-origin", "unnamed-proxy")]
    [InlineData("cross-site", "cross-site")]
    public async Task A_proxy_that_nobody_named_is_said_to_be_the_reason(string site, string code)
    {
        await using var appliance = await RunningAppliance.StartAsync();
        using var response = await AskAsync(appliance, "203.0.113.9", ("Origin", "https://mail.example.org"), ("Sec-Fetch-Site", site));
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(code, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Limits_count_whom_the_nearest_proxy_that_is_ours_names_and_not_what_a_client_wrote_itself()
    {
        await using var appliance = await RunningAppliance.StartAsync(Proxies, "127.0.0.1 198.51.100.0/24", "--SignIn:RequestsPerMinute", "1");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(appliance, "203.0.113.9"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(appliance, "203.0.113.10"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(appliance, "192.0.2.77, 203.0.113.9"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(appliance, "203.0.113.9, 198.51.100.1"));
    }

    [Fact]
    public async Task Of_others_the_word_counts_for_nothing()
    {
        await using var appliance = await RunningAppliance.StartAsync(Proxies, "192.0.2.1", "--SignIn:RequestsPerMinute", "1");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(appliance, "203.0.113.9"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(appliance, "203.0.113.10"));
    }

    [Fact]
    public async Task Whoever_knows_an_address_and_asks_again_and_again_keeps_nobody_out_elsewhere()
    {
        await using var appliance = await RunningAppliance.StartAsync(Proxies, "127.0.0.1", "--SignIn:AttemptsPerAddress", "1");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(appliance, "2001:db8:1:2::1"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(appliance, "2001:db8:1:3::1"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(appliance, "2001:db8:2:3::1"));
    }

    [Fact]
    public async Task Where_a_member_is_signed_in_they_are_known()
    {
        await using var appliance = await RunningAppliance.StartAsync(Proxies, "127.0.0.1");
        var (sessions, known, account) = (appliance.Services.GetRequiredService<Sessions>(), appliance.Services.GetRequiredService<KnownNetworks>(), new AccountId(ObjectId.New()));
        var token = await appliance.Services.GetRequiredService<IStore>().WriteAsync(transaction => sessions.Begin(transaction, account));
        foreach (var cookie in new[] { new string('A', 43), token })
        {
            Assert.False(known.Knows(account, "20010DB80001"));
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/session/slot");
            request.Headers.Add("Cookie", $"__Host-appliance-session={cookie}");
            request.Headers.Add("X-Forwarded-For", "2001:db8:1:2::1");
            request.Headers.Add("X-Forwarded-Proto", "https");
            using var response = await appliance.Http.SendAsync(request);
        }
        Assert.True(known.Knows(account, "20010DB80001"));
    }

    [Fact]
    public async Task A_list_that_is_none_is_said_to_be_none_at_the_start()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => RunningAppliance.StartAsync(Proxies, "proxy.example.org"));
        Assert.Contains("Web:TrustedProxies is \"proxy.example.org\"", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> StatusAsync(RunningAppliance appliance, string forwardedFor)
    {
        using var response = await AskAsync(appliance, forwardedFor);
        return response.StatusCode;
    }

    private static async Task<HttpResponseMessage> AskAsync(RunningAppliance appliance, string forwardedFor, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/signin/start") { Content = JsonContent.Create(new SignInStartRequest("nobody@example.org", "password")) };
        request.Headers.Add("X-Appliance-Client", "1");
        request.Headers.Add("X-Forwarded-For", forwardedFor);
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        return await appliance.Http.SendAsync(request);
    }
}
