using System.Net;
using System.Net.Http.Headers;
using Appliance.Client.Api;
using Appliance.Contracts;

namespace Appliance.Client.Tests.Api;

public sealed class ApplianceApiTests
{
    [Fact]
    public async Task A_problem_becomes_its_code_and_says_when_to_come_back()
    {
        using var api = Api(_ =>
        {
            var answer = Problem(HttpStatusCode.TooManyRequests, """{"title":"Too many attempts.","code":"slow-down"}""");
            answer.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(30));
            return answer;
        });
        var refusal = await Assert.ThrowsAsync<ApiException>(() => api.StartSignInAsync(new SignInStartRequest("a@b", "password"), CancellationToken.None));
        Assert.Equal(("slow-down", HttpStatusCode.TooManyRequests), (refusal.Code, refusal.Status));
        Assert.Equal("Too many attempts. Try again in 30 seconds.", refusal.Message);
    }

    [Theory]
    [InlineData("<html>a router's login page</html>")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"accountId\":null}")]
    public async Task An_answer_of_another_program_is_not_taken(string body)
    {
        using var api = Api(_ => new HttpResponseMessage { Content = new StringContent(body, MediaTypeHeaderValue.Parse("application/json")) });
        var refusal = await Assert.ThrowsAsync<ApiException>(() => api.GetAccountAsync(CancellationToken.None));
        Assert.Equal(ApiException.BadAnswer, refusal.Code);
    }

    [Fact]
    public async Task The_session_cookie_is_kept_sent_back_and_dropped_when_the_server_deletes_it()
    {
        List<string?> sent = [];
        string[] set = ["other=1; path=/", "__Host-appliance-session=abc=; path=/; secure"];
        using var api = Api(request =>
        {
            sent.Add(request.Headers.TryGetValues("Cookie", out var values) ? values.Single() : null);
            Assert.Equal("1", request.Headers.GetValues("X-Appliance-Client").Single());
            var answer = new HttpResponseMessage(HttpStatusCode.NoContent);
            answer.Headers.Add("Set-Cookie", set);
            return answer;
        });
        await api.SignOutAsync(CancellationToken.None);
        Assert.Equal("__Host-appliance-session=abc=", api.Cookie);
        set = ["__Host-appliance-session=; expires=Thu, 01 Jan 1970 00:00:00 GMT; path=/"];
        await api.SignOutAsync(CancellationToken.None);
        Assert.Null(api.Cookie);
        Assert.Equal([null, "__Host-appliance-session=abc="], sent);
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_said_so()
    {
        using var api = Api(_ => throw new HttpRequestException("Connection refused"));
        var refusal = await Assert.ThrowsAsync<ApiException>(() => api.GetAccountAsync(CancellationToken.None));
        Assert.Equal((ApiException.Unreachable, (HttpStatusCode?)null), (refusal.Code, refusal.Status));
    }

    private static HttpResponseMessage Problem(HttpStatusCode status, string json) => new(status)
    {
        Content = new StringContent(json, MediaTypeHeaderValue.Parse("application/problem+json")),
    };

    private static ApplianceApi Api(Func<HttpRequestMessage, HttpResponseMessage> answer) =>
        ServerOrigin.TryParse("https://mail.example.org", out var origin, out _) ? new ApplianceApi(origin, new Wire(answer)) : throw new FormatException();

    private sealed class Wire(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(answer(request));
    }
}
