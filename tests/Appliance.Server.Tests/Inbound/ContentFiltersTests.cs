using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Appliance.Mail.Addresses;
using Appliance.Mail.Authentication;
using Appliance.Mail.Smtp;
using Appliance.Server.Inbound;
using Appliance.Server.Inbound.Filters;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Tests.Inbound;

/// <summary>What filters say stands in a message's verdict, and that they said nothing does too. The real ones are asked in the end-to-end tests.</summary>
public sealed class ContentFiltersTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public ContentFiltersTests() => _listener.Start();

    public void Dispose() => _listener.Dispose();

    [Theory]
    [InlineData("stream: OK\0", null, null, "clean")]
    [InlineData("stream: Eicar-Test FOUND\0", 550, null, "virus Eicar-Test")]
    [InlineData("INSTREAM size limit exceeded. ERROR\0", null, null, "toolong")]
    [InlineData("nonsense\0", null, null, "absent")]
    [InlineData("", null, null, "absent")]
    public async Task Of_clamd(string answer, int? code, string? junk, string result)
    {
        var serving = AnswerAsync(answer);
        var report = await CheckAsync(new FilterOptions { Clamd = _listener.LocalEndpoint.ToString()!, OnClamdAbsent = ArrivalAction.Accept });
        await serving;
        Assert.Equal((code, junk, result), (report.Refusal?.Code, report.Junk, Described(report)));
    }

    [Theory]
    [InlineData("""{"action":"no action","score":1.2,"required_score":15,"symbols":{}}""", null, null, "no action 1.2/15.0")]
    [InlineData("""{"action":"add header","score":7,"required_score":15}""", null, "spam", "add header 7.0/15.0")]
    [InlineData("""{"action":"reject","score":16,"required_score":15}""", 550, null, "reject 16.0/15.0")]
    [InlineData("""{"action":"soft reject","score":0,"required_score":15}""", 451, null, "soft reject 0.0/15.0")]
    [InlineData("""{"error":"no"}""", null, null, "absent")]
    [InlineData("[", null, null, "absent")]
    public async Task Of_rspamd(string answer, int? code, string? junk, string result)
    {
        var serving = AnswerAsync($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {answer.Length}\r\nConnection: close\r\n\r\n{answer}");
        var report = await CheckAsync(new FilterOptions { Rspamd = $"http://{_listener.LocalEndpoint}" });
        Assert.StartsWith("POST /checkv2 HTTP/1.1\r\n", await serving, StringComparison.Ordinal);
        Assert.Equal((code, junk, result), (report.Refusal?.Code, report.Junk, Described(report)));
    }

    [Fact]
    public async Task Without_an_answer_what_the_operator_chose_happens_and_is_said()
    {
        var address = _listener.LocalEndpoint.ToString()!;
        _listener.Stop();
        var both = new FilterOptions { Clamd = address, Rspamd = $"http://{address}", OnClamdAbsent = ArrivalAction.Accept };
        Assert.Equal((null, "absent, absent"), ((await CheckAsync(both)) is { Refusal: var taken } report ? (taken?.Code, Described(report)) : default));
        both.OnClamdAbsent = ArrivalAction.Defer;
        Assert.Equal(451, (await CheckAsync(both)).Refusal?.Code);
        Assert.Same(FilterReport.Unasked, await CheckAsync(new FilterOptions()));
    }

    private static string Described(FilterReport report) => string.Join(", ", report.Results.Select(one => one.Detail is null ? one.Result : $"{one.Result} {one.Detail}"));

    private static async Task<FilterReport> CheckAsync(FilterOptions settings)
    {
        var options = Options.Create(settings);
        using var rspamd = new RspamdFilter(options);
        var filters = new ContentFilters(rspamd, new ClamdFilter(options), options, TimeProvider.System, NullLogger<ContentFilters>.Instance);
        var peer = new SmtpPeer(new IPEndPoint(IPAddress.Loopback, 25));
        var envelope = new SmtpEnvelope(peer, new SmtpSender(SmtpPath.Null), [new SmtpRecipient(SmtpPath.Null, null)]);
        return await filters.CheckAsync(
            envelope, new OriginalClient(IPAddress.Loopback, "client.example", IsOurs: false, IsRelayed: false), new ReadOnlySequence<byte>("Subject: x\r\n\r\nHello.\r\n"u8.ToArray()),
            mustTake: false, TestContext.Current.CancellationToken);
    }

    /// <summary>Takes one connection, reads what comes at once, answers and closes.</summary>
    private async Task<string> AnswerAsync(string answer)
    {
        using var client = await _listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        var buffer = new byte[4096];
        var asked = new StringBuilder();
        while (!asked.ToString().Contains("Hello.", StringComparison.Ordinal))
            asked.Append(Encoding.Latin1.GetString(buffer, 0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken)));
        await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), TestContext.Current.CancellationToken);
        return asked.ToString();
    }
}
