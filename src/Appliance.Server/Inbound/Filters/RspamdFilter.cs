using System.Buffers;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Appliance.Mail.Smtp;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound.Filters;

/// <summary>What rspamd would do with a message.</summary>
/// <param name="Action">Its word: <c>no action</c>, <c>greylist</c>, <c>add header</c>, <c>rewrite subject</c>, <c>soft reject</c>, <c>reject</c>.</param>
internal sealed record RspamdAnswer(
    [property: JsonPropertyName("action")] string Action, [property: JsonPropertyName("score")] double Score, [property: JsonPropertyName("required_score")] double RequiredScore);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(RspamdAnswer))]
internal sealed partial class RspamdJson : JsonSerializerContext;

/// <summary>Asks rspamd (https://docs.rspamd.com/developers/protocol, <c>/checkv2</c>) about a message while it is in memory.</summary>
internal sealed class RspamdFilter(IOptions<FilterOptions> options) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = 1 << 20 };

    public bool IsOn => options.Value.Rspamd.Length > 0;

    /// <summary>Null: it did not answer in time, or not sensibly.</summary>
    public async Task<RspamdAnswer?> AskAsync(SmtpEnvelope envelope, OriginalClient client, ReadOnlySequence<byte> message, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(new Uri(options.Value.Rspamd), "/checkv2")) { Content = new SequenceContent(message) };
        if (client.Address is { } address)
            request.Headers.Add("IP", address.ToString());
        AddText("Helo", client.Helo);
        AddText("From", envelope.Sender.Path.Mailbox?.ToString() ?? "");
        foreach (var recipient in envelope.Recipients)
            AddText("Rcpt", recipient.Path.Mailbox?.ToString() ?? "postmaster");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(options.Value.TimeoutSeconds));
        try
        {
            using var response = await _http.SendAsync(request, deadline.Token);
            return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync(RspamdJson.Default.RspamdAnswer, deadline.Token) is { Action: not null } answer ? answer : null : null;
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or JsonException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }

        // A header field of HTTP carries no more; what is left out of a foreign address changes nothing that rspamd goes by.
        void AddText(string name, string value) => request.Headers.TryAddWithoutValidation(name, string.Concat(value.Where(letter => letter is >= ' ' and <= '~')));
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The message as it lies in its buffers: nothing is copied.</summary>
    private sealed class SequenceContent(ReadOnlySequence<byte> message) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (var piece in message)
                await stream.WriteAsync(piece);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = message.Length;
            return true;
        }
    }
}
