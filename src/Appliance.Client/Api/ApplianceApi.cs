using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Appliance.Contracts;

namespace Appliance.Client.Api;

/// <summary>
/// The HTTP API (docs/api.md) as methods: one request each, with a deadline. Whatever goes wrong is an <see cref="ApiException"/>. The
/// session cookie is the caller's to keep. Answers are bounded in size; a message comes segment by segment.
/// </summary>
public sealed class ApplianceApi : IDisposable
{
    private const string CookieName = "appliance-session";
    private const string SecureCookieName = "__Host-appliance-session";

    /// <summary>A page of sealed summaries; a segment is at most 8 MiB.</summary>
    private const int LargestAnswer = 64 * 1024 * 1024;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SegmentDeadline = TimeSpan.FromMinutes(5);

    private readonly HttpClient _http;

    /// <param name="handler">Keeps no cookies and follows no redirects; see <see cref="ServerConnection"/>. Disposed with this.</param>
    public ApplianceApi(ServerOrigin origin, HttpMessageHandler handler)
    {
        _http = new HttpClient(handler)
        {
            BaseAddress = origin.Uri,
            MaxResponseContentBufferSize = LargestAnswer,
            Timeout = Timeout.InfiniteTimeSpan, // each request has its own
        };
        _http.DefaultRequestHeaders.Add("X-Appliance-Client", "1");
    }

    /// <summary>The session cookie as <c>name=value</c>; null when signed out.</summary>
    public string? Cookie { get; set; }

    public Task<ActivationLookupResponse> LookUpActivationAsync(ActivationLookupRequest request, CancellationToken cancellation) =>
        PostAsync("/api/activation/lookup", request, ContractsJson.Default.ActivationLookupRequest, ContractsJson.Default.ActivationLookupResponse, cancellation);

    /// <summary>Signs in when it succeeds.</summary>
    public Task CompleteActivationAsync(ActivationRequest request, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, "/api/activation/complete", JsonContent.Create(request, ContractsJson.Default.ActivationRequest), cancellation);

    public Task<SignInStartResponse> StartSignInAsync(SignInStartRequest request, CancellationToken cancellation) =>
        PostAsync("/api/signin/start", request, ContractsJson.Default.SignInStartRequest, ContractsJson.Default.SignInStartResponse, cancellation);

    public Task<SignInFinishResponse> FinishSignInAsync(SignInFinishRequest request, CancellationToken cancellation) =>
        PostAsync("/api/signin/finish", request, ContractsJson.Default.SignInFinishRequest, ContractsJson.Default.SignInFinishResponse, cancellation);

    public Task SignOutAsync(CancellationToken cancellation) => SendAsync(HttpMethod.Post, "/api/signout", null, cancellation);

    public Task PutSessionSlotAsync(SessionSlot slot, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Put, "/api/session/slot", JsonContent.Create(slot, ContractsJson.Default.SessionSlot), cancellation);

    public Task<SessionSlot> GetSessionSlotAsync(CancellationToken cancellation) =>
        GetAsync("/api/session/slot", ContractsJson.Default.SessionSlot, cancellation);

    public Task<AccountResponse> GetAccountAsync(CancellationToken cancellation) =>
        GetAsync("/api/account", ContractsJson.Default.AccountResponse, cancellation);

    /// <param name="before">Only messages with a lower uid; null for the newest.</param>
    /// <param name="limit">1 to 200.</param>
    public Task<MessageListResponse> ListMessagesAsync(string mailboxId, string folderId, uint? before, int limit, CancellationToken cancellation) =>
        GetAsync(
            $"/api/mailboxes/{Uri.EscapeDataString(mailboxId)}/folders/{Uri.EscapeDataString(folderId)}/messages?limit={limit}{(before is { } uid ? $"&before={uid}" : "")}",
            ContractsJson.Default.MessageListResponse, cancellation);

    public Task<MessageResponse> GetMessageAsync(string mailboxId, string messageId, CancellationToken cancellation) =>
        GetAsync($"/api/mailboxes/{Uri.EscapeDataString(mailboxId)}/messages/{Uri.EscapeDataString(messageId)}", ContractsJson.Default.MessageResponse, cancellation);

    /// <summary>One sealed segment.</summary>
    public Task<byte[]> GetSegmentAsync(string mailboxId, string messageId, int index, CancellationToken cancellation) =>
        WithDeadlineAsync(SegmentDeadline, async deadline =>
        {
            using var answer = await ExchangeAsync(
                HttpMethod.Get, $"/api/mailboxes/{Uri.EscapeDataString(mailboxId)}/messages/{Uri.EscapeDataString(messageId)}/segments/{index}", null, deadline);
            return await answer.Content.ReadAsByteArrayAsync(deadline);
        }, cancellation);

    public Task<ChangeResponse> ChangeFlagsAsync(string mailboxId, FlagsRequest request, CancellationToken cancellation) =>
        PostAsync(
            $"/api/mailboxes/{Uri.EscapeDataString(mailboxId)}/messages/flags", request, ContractsJson.Default.FlagsRequest, ContractsJson.Default.ChangeResponse, cancellation);

    public void Dispose() => _http.Dispose();

    private Task<TAnswer> PostAsync<TRequest, TAnswer>(
        string path, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellation) =>
        ReadAsync(HttpMethod.Post, path, JsonContent.Create(request, requestType), answerType, cancellation);

    private Task<TAnswer> GetAsync<TAnswer>(string path, JsonTypeInfo<TAnswer> type, CancellationToken cancellation) =>
        ReadAsync(HttpMethod.Get, path, null, type, cancellation);

    private Task<TAnswer> ReadAsync<TAnswer>(HttpMethod method, string path, HttpContent? content, JsonTypeInfo<TAnswer> type, CancellationToken cancellation) =>
        WithDeadlineAsync(Deadline, async deadline =>
        {
            using var answer = await ExchangeAsync(method, path, content, deadline);
            try
            {
                return await answer.Content.ReadFromJsonAsync(type, deadline) ?? throw Unexpected(answer.StatusCode);
            }
            catch (Exception exception) when (exception is JsonException or FormatException)
            {
                throw Unexpected(answer.StatusCode, exception);
            }
        }, cancellation);

    private Task<bool> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellation) =>
        WithDeadlineAsync(Deadline, async deadline =>
        {
            using var answer = await ExchangeAsync(method, path, content, deadline);
            return true;
        }, cancellation);

    private async Task<HttpResponseMessage> ExchangeAsync(HttpMethod method, string path, HttpContent? content, CancellationToken deadline)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        if (Cookie is not null)
            request.Headers.Add("Cookie", Cookie);
        var answer = await _http.SendAsync(request, deadline);
        KeepCookie(answer);
        if (answer.IsSuccessStatusCode)
            return answer;
        using (answer)
            throw await RefusalAsync(answer, deadline);
    }

    /// <summary>The server sets one cookie, which we hand back as it is; deleting it means an empty value (RFC 6265 §4.1).</summary>
    private void KeepCookie(HttpResponseMessage answer)
    {
        if (!answer.Headers.TryGetValues("Set-Cookie", out var cookies))
            return;
        foreach (var cookie in cookies)
        {
            var pair = cookie.Split(';', 2)[0].Trim();
            if (pair.Split('=', 2) is [CookieName or SecureCookieName, var value])
                Cookie = value.Length > 0 ? pair : null;
        }
    }

    private static async Task<ApiException> RefusalAsync(HttpResponseMessage answer, CancellationToken deadline)
    {
        Problem? problem = null;
        if (answer.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            try
            {
                problem = await answer.Content.ReadFromJsonAsync(ContractsJson.Default.Problem, deadline);
            }
            catch (JsonException)
            {
                // The status says enough.
            }
        }
        if (problem?.Code is not { } code)
            return Unexpected(answer.StatusCode);
        var title = problem.Detail ?? problem.Title ?? code;
        if (answer.StatusCode == HttpStatusCode.TooManyRequests && answer.Headers.RetryAfter?.Delta is { } wait)
            title = $"{title} Try again in {Math.Ceiling(wait.TotalSeconds)} seconds.";
        return new ApiException(code, answer.StatusCode, title);
    }

    private static ApiException Unexpected(HttpStatusCode status, Exception? inner = null) =>
        new(ApiException.BadAnswer, status, $"The server's answer ({(int)status}) is not one of the mail appliance. Check its address and that both programs are up to date.", inner);

    private async Task<T> WithDeadlineAsync<T>(TimeSpan limit, Func<CancellationToken, Task<T>> exchange, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(limit);
        try
        {
            return await exchange(deadline.Token);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new ApiException(ApiException.TimedOut, null, $"{_http.BaseAddress} did not answer within {limit.TotalSeconds} seconds. Try again.", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new ApiException(ApiException.Unreachable, null, Reason(exception), exception);
        }
    }

    private string Reason(Exception exception) => exception is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }
        ? $"The certificate of {_http.BaseAddress} is not trusted. If it is self-signed, compare the fingerprint that the server printed and pass it with --fingerprint."
        : $"{_http.BaseAddress} cannot be reached: {exception.Message}";
}
