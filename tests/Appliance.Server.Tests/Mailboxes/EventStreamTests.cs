using System.Net;
using Appliance.Crypto.Formats;
using Appliance.Server.Accounts;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;
using Appliance.Server.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Appliance.Server.Tests.Mailboxes;

public sealed class EventStreamTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private readonly AccountId _account = new(ObjectId.New());
    private readonly MailboxId _mailbox = new(ObjectId.New());

    [Fact]
    public async Task Signing_out_ends_the_streams_of_that_session_only()
    {
        await using var appliance = await RunningAppliance.StartAsync();
        var (leaving, staying) = await SignInTwiceAsync(appliance);
        using var ending = await ListenAsync(appliance, leaving);
        using var going = await ListenAsync(appliance, staying);
        await ReadEventAsync(ending);
        await ReadEventAsync(going);

        using var signOut = Request(HttpMethod.Post, "/api/signout", leaving);
        using var signedOut = await appliance.Http.SendAsync(signOut);
        Assert.Equal(HttpStatusCode.NoContent, signedOut.StatusCode);

        Assert.Equal("", await ending.ReadToEndAsync().WaitAsync(Deadline));
        appliance.Services.GetRequiredService<MailboxChanges>().Publish([new MailboxChange(_mailbox, 77)]);
        Assert.Contains("77", await ReadEventAsync(going), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_ended_before_listening_began_hears_nothing()
    {
        await using var appliance = await RunningAppliance.StartAsync();
        var (token, _) = await SignInTwiceAsync(appliance);
        var sessions = appliance.Services.GetRequiredService<Sessions>();
        var session = await sessions.FindAsync(token, CancellationToken.None);
        await sessions.EndAsync(session!.TokenHash, CancellationToken.None);

        var changes = appliance.Services.GetRequiredService<MailboxChanges>().ListenAsync(session, [_mailbox], CancellationToken.None);

        Assert.Empty(await changes.ToListAsync().AsTask().WaitAsync(Deadline));
    }

    [Fact]
    public async Task One_stream_too_many_ends_the_oldest_of_that_member_and_no_other()
    {
        await using var appliance = await RunningAppliance.StartAsync();
        var (token, another) = await SignInTwiceAsync(appliance);
        var streams = new List<StreamReader>();
        for (var i = 0; i <= MailboxChanges.MostPerAccount; i++)
        {
            streams.Add(await ListenAsync(appliance, i % 2 == 0 ? token : another));
            await ReadEventAsync(streams[i]);
        }

        Assert.Equal("", await streams[0].ReadToEndAsync().WaitAsync(Deadline));
        appliance.Services.GetRequiredService<MailboxChanges>().Publish([new MailboxChange(_mailbox, 77)]);
        foreach (var stream in streams.Skip(1))
            Assert.Contains("77", await ReadEventAsync(stream), StringComparison.Ordinal);
        streams.ForEach(stream => stream.Dispose());
    }

    private Task<(string, string)> SignInTwiceAsync(RunningAppliance appliance)
    {
        var sessions = appliance.Services.GetRequiredService<Sessions>();
        return appliance.Services.GetRequiredService<IStore>().WriteAsync(transaction =>
        {
            transaction.AddMailbox(_mailbox, _account, [], DateTimeOffset.UnixEpoch);
            return (sessions.Begin(transaction, _account), sessions.Begin(transaction, _account));
        });
    }

    private static async Task<StreamReader> ListenAsync(RunningAppliance appliance, string token)
    {
        using var request = Request(HttpMethod.Get, "/api/events", token);
        var response = await appliance.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new StreamReader(await response.Content.ReadAsStreamAsync());
    }

    /// <summary>Up to the empty line that ends it.</summary>
    private static async Task<string> ReadEventAsync(StreamReader stream)
    {
        var text = "";
        while (await stream.ReadLineAsync().WaitAsync(Deadline) is { Length: > 0 } line)
            text += line + "\n";
        return text;
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, string token)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Cookie", $"appliance-session={token}");
        request.Headers.Add("X-Appliance-Client", "1");
        return request;
    }
}
