using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Appliance.Contracts;
using Appliance.Crypto.Formats;
using Appliance.Server.Accounts;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;
using Appliance.Server.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Appliance.Server.Tests.SelfDestruct;

/// <summary>Moving, expiring and destroying over HTTP, and the scheduler that does what was asked for.</summary>
public sealed class RunningServiceTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly AccountId Account = new(ObjectId.New());
    private readonly MailboxId _mailbox = new(ObjectId.New());
    private RunningAppliance _appliance = null!;
    private string _token = "";

    private IStore Store => _appliance.Services.GetRequiredService<IStore>();

    public async ValueTask InitializeAsync()
    {
        _appliance = await RunningAppliance.StartAsync("--SelfDestruct:EverySeconds", "1");
        var sessions = _appliance.Services.GetRequiredService<Sessions>();
        _token = await Store.WriteAsync(tx =>
        {
            tx.AddMailbox(_mailbox, Account, [], DateTimeOffset.UnixEpoch);
            return sessions.Begin(tx, Account);
        });
    }

    public ValueTask DisposeAsync() => _appliance.DisposeAsync();

    [Fact]
    public async Task The_scheduler_destroys_what_has_expired()
    {
        var message = await ReceiveAsync();
        var at = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().AddSeconds(2).ToUnixTimeMilliseconds()); // as it is kept
        await ChangeAsync("expiry", new ExpiryRequest(NewId(), [message], at, null));
        var shown = await FindAsync(message);
        Assert.Equal(at, shown!.ExpiresAt);
        Assert.Equal(at, shown.Expiry!.Member);
        var key = Key.Of(_mailbox.Value, Parse(message));
        var since = TimeProvider.System.GetTimestamp();
        while (Store.Get(MessageRow.All, key) is not null)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < Deadline, "The scheduler did not come.");
            await Task.Delay(50);
        }
        Assert.True(TimeProvider.System.GetUtcNow() >= at);
        Assert.Null(await FindAsync(message));
    }

    [Fact]
    public async Task Moved_to_trash_and_back_and_destroyed()
    {
        var message = await ReceiveAsync();
        await ChangeAsync("move", new MoveRequest(NewId(), [message], Folder(FolderRole.Trash)));
        Assert.NotNull((await FindAsync(message))!.Expiry!.Folder);
        await ChangeAsync("move", new MoveRequest(NewId(), [message], Folder(FolderRole.Inbox)));
        Assert.Null((await FindAsync(message))!.Expiry);
        var destroy = new DestroyRequest(NewId(), [message]);
        var first = await ChangeAsync("destroy", destroy);
        Assert.Null(await FindAsync(message));
        Assert.Equal(first, await ChangeAsync("destroy", destroy));
    }

    [Theory]
    [InlineData("past", "lies in the future")]
    [InlineData("burn", "1 to 525600 minutes")]
    [InlineData("folder", "not one of this mailbox")]
    [InlineData("id", "26 characters")]
    public async Task What_cannot_be_is_refused_with_what_to_do(string wrong, string says)
    {
        var message = await ReceiveAsync();
        using var response = wrong switch
        {
            "past" => await PostAsync("expiry", new ExpiryRequest(NewId(), [message], DateTimeOffset.UnixEpoch, null)),
            "burn" => await PostAsync("expiry", new ExpiryRequest(NewId(), [message], null, 0)),
            "folder" => await PostAsync("move", new MoveRequest(NewId(), [message], NewId())),
            _ => await PostAsync("destroy", new DestroyRequest(NewId(), ["all"])),
        };
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Contains(says, problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.NotNull(await FindAsync(message));
    }

    [Fact]
    public async Task Nobody_moves_or_destroys_what_is_in_the_mailbox_of_another()
    {
        var message = await ReceiveAsync();
        var stranger = await Store.WriteAsync(tx => _appliance.Services.GetRequiredService<Sessions>().Begin(tx, new AccountId(ObjectId.New())));
        var own = _token;
        _token = stranger;
        foreach (var (what, body) in new (string, object)[]
        {
            ("move", new MoveRequest(NewId(), [message], Folder(FolderRole.Trash))),
            ("expiry", new ExpiryRequest(NewId(), [message], null, 1)),
            ("destroy", new DestroyRequest(NewId(), [message])),
        })
        {
            using var response = await PostAsync(what, body);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
        _token = own;
        Assert.Null((await FindAsync(message))!.Expiry);
    }

    [Fact]
    public async Task The_members_rule_reaches_what_is_there_without_waiting_for_the_minute()
    {
        var message = await ReceiveAsync();
        var request = new RetentionRequest(NewId(), 30, SuggestsSenderExpiry: true);
        Assert.Equal(new RetentionResponse(30, null, true), await PutAsync<RetentionResponse>($"/mailboxes/{_mailbox}/retention", request));
        var since = TimeProvider.System.GetTimestamp();
        while ((await FindAsync(message))!.Expiry?.Account is null)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < Deadline, "The rule did not reach the message.");
            await Task.Delay(50);
        }
        Assert.Equal(new RetentionResponse(30, null, true), await GetAsync<RetentionResponse>($"/mailboxes/{_mailbox}/retention"));
        // A message of today is older than a day tomorrow, when the rule's grace is over.
        Assert.Equal(1, (await GetAsync<RetentionPreviewResponse>($"/mailboxes/{_mailbox}/retention/preview?days=1"))!.Messages);
        Assert.Equal(0, (await GetAsync<RetentionPreviewResponse>($"/mailboxes/{_mailbox}/retention/preview?days=2"))!.Messages);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(36_501)]
    public async Task A_rule_of_no_days_or_of_too_many_is_refused(int days)
    {
        using var response = await SendAsync(HttpMethod.Put, $"/mailboxes/{_mailbox}/retention", new RetentionRequest(NewId(), days, false));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
    }

    [Fact]
    public async Task The_policy_is_the_operators_alone()
    {
        Assert.Equal(HttpStatusCode.NotFound, await SetAsync());
        await Store.WriteAsync(tx =>
        {
            tx.Put(AccountRow.All, new AccountRow { Id = Account, Address = "op@example.org", IsOperator = true, CreatedAt = DateTimeOffset.UnixEpoch });
            return 0;
        });
        Assert.Equal(HttpStatusCode.OK, await SetAsync());
        Assert.Equal(new PolicyDocument(365), await GetAsync<PolicyDocument>("/policy"));
        Assert.Equal(365, (await GetAsync<RetentionResponse>($"/mailboxes/{_mailbox}/retention"))!.PolicyDays);
        Assert.Equal(0, (await GetAsync<RetentionPreviewResponse>("/policy/preview?days=8"))!.Messages);

        async Task<HttpStatusCode> SetAsync()
        {
            using var response = await SendAsync(HttpMethod.Put, "/policy", new PolicyDocument(365));
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Trash_is_emptied_and_the_inbox_is_not()
    {
        var message = await ReceiveAsync();
        await ChangeAsync("move", new MoveRequest(NewId(), [message], Folder(FolderRole.Trash)));
        using (var refused = await EmptyAsync(FolderRole.Inbox))
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        using var emptied = await EmptyAsync(FolderRole.Trash);
        Assert.Equal(new EmptiedResponse(1), await emptied.Content.ReadFromJsonAsync<EmptiedResponse>());
        Assert.Null(await FindAsync(message));

        Task<HttpResponseMessage> EmptyAsync(FolderRole role) =>
            SendAsync(HttpMethod.Post, $"/mailboxes/{_mailbox}/folders/{Folder(role)}/empty", new EmptyRequest(1));
    }

    private static string NewId() => ObjectId.New().ToString();

    private static ObjectId Parse(string id) => ObjectId.TryParse(id, out var parsed) ? parsed : throw new FormatException(id);

    private string Folder(FolderRole role) => Store.FoldersOf(_mailbox).Single(folder => folder.Role == role).Id.ToString();

    private async Task<string> ReceiveAsync()
    {
        var message = Letterbox.NewMessage([1, 2, 3], null, TimeProvider.System.GetUtcNow(), _mailbox);
        await Store.WriteAsync(tx => tx.Append(message));
        return message.Copies[0].MessageId.ToString();
    }

    private async Task<MessageResponse?> FindAsync(string message)
    {
        using var request = Request(HttpMethod.Get, $"/mailboxes/{_mailbox}/messages/{message}");
        using var response = await _appliance.Http.SendAsync(request);
        return response.StatusCode == HttpStatusCode.NotFound ? null : await response.Content.ReadFromJsonAsync<MessageResponse>();
    }

    private async Task<ChangeResponse> ChangeAsync(string what, object body)
    {
        using var response = await PostAsync(what, body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<ChangeResponse>())!;
    }

    private Task<HttpResponseMessage> PostAsync(string what, object body) =>
        SendAsync(HttpMethod.Post, $"/mailboxes/{_mailbox}/messages/{what}", body);

    private async Task<T?> PutAsync<T>(string path, object body)
    {
        using var response = await SendAsync(HttpMethod.Put, path, body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<T>();
    }

    private async Task<T?> GetAsync<T>(string path)
    {
        using var request = Request(HttpMethod.Get, path);
        using var response = await _appliance.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<T>();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object body)
    {
        using var request = Request(method, path);
        request.Content = JsonContent.Create(body, body.GetType());
        return await _appliance.Http.SendAsync(request);
    }

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, $"/api{path}");
        request.Headers.Add("Cookie", $"appliance-session={_token}");
        request.Headers.Add("X-Appliance-Client", "1");
        return request;
    }
}
