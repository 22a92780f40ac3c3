using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Appliance.Contracts;
using Appliance.Crypto.Formats;
using Appliance.Crypto.SignIn;

namespace Appliance.Bridge.Tests;

/// <summary>The HTTP API of docs/api.md for one account, in memory, with switches to misbehave.</summary>
public sealed class FakeServer
{
    private const string Cookie = "appliance-session=good";

    private readonly AccountId _account = AccountId.From(ObjectId.New());
    private readonly MailboxId _mailbox = MailboxId.From(ObjectId.New());
    private readonly FolderResponse _inbox = new(ObjectId.New().ToString(), "inbox", 1, 1, 0, 0);
    private readonly Dictionary<string, SrpServer> _challenges = [];
    private ActivationRequest? _activated;
    private SessionSlot? _slot;

    public string Token { get; } = System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public string? LinkAddress { get; set; } = "ann@example.org";

    public List<SealedMessage> Messages { get; } = [];

    public Func<KdfSettings, KdfSettings> OfferKdf { get; set; } = kdf => kdf;

    public Func<string, string> SendProof { get; set; } = proof => proof;

    public Func<SealedMessage, int, byte[]> SendSegment { get; set; } = (message, index) => message.Segments[index];

    public bool HasSession => _slot is not null;

    public List<string> Requests { get; } = [];

    public byte[] AddressPublicKey => _activated!.AddressKey.PublicKey;

    public HttpMessageHandler Handler() => new Wire(this);

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request)
    {
        var path = request.RequestUri!.AbsolutePath;
        Requests.Add($"{request.Method} {path}");
        if (!request.Headers.Contains("X-Appliance-Client"))
            return Refuse(HttpStatusCode.Forbidden, "cross-site");
        switch ($"{request.Method} {path}")
        {
            case "POST /api/activation/lookup":
                return await ReadAsync<ActivationLookupRequest>(request) is { } lookup && lookup.Token == Token && _activated is null
                    ? Json(new ActivationLookupResponse("setup", "example.org", LinkAddress, _account.ToString(), _mailbox.ToString(), DateTimeOffset.MaxValue))
                    : Refuse(HttpStatusCode.NotFound, "link-unknown");
            case "POST /api/activation/complete":
                _activated = await ReadAsync<ActivationRequest>(request);
                return SignedIn(new HttpResponseMessage(HttpStatusCode.NoContent));
            case "POST /api/signin/start":
                return StartSignIn(await ReadAsync<SignInStartRequest>(request));
            case "POST /api/signin/finish":
                var finish = await ReadAsync<SignInFinishRequest>(request);
                return _challenges.Remove(finish.ChallengeId, out var srp) && srp.TryVerify(finish.ClientPublic, finish.ClientProof, out var proof)
                    ? SignedIn(Json(new SignInFinishResponse(SendProof(proof), _account.ToString())))
                    : Refuse(HttpStatusCode.Unauthorized, "sign-in-failed");
        }
        if (!request.Headers.TryGetValues("Cookie", out var cookies) || cookies.Single() != Cookie)
            return Refuse(HttpStatusCode.Unauthorized, "signed-out");
        switch ($"{request.Method} {path}")
        {
            case "PUT /api/session/slot":
                _slot = await ReadAsync<SessionSlot>(request);
                return new HttpResponseMessage(HttpStatusCode.NoContent);
            case "GET /api/session/slot":
                return _slot is null ? Refuse(HttpStatusCode.Unauthorized, "signed-out") : Json(_slot);
            case "POST /api/signout":
                _slot = null;
                return new HttpResponseMessage(HttpStatusCode.NoContent);
            case "GET /api/account":
                return Json(Account());
            default:
                return Mail(path, request.RequestUri.Query);
        }
    }

    private HttpResponseMessage StartSignIn(SignInStartRequest start)
    {
        var slot = _activated!.Slots.Single(slot => slot.Kind == start.Slot);
        var srp = SrpServer.Start(SrpVerifier.Parse(slot.Verifier)!);
        var challenge = ObjectId.New().ToString();
        _challenges[challenge] = srp;
        return Json(new SignInStartResponse(challenge, _account.ToString(), slot.SlotId, OfferKdf(slot.Kdf), srp.PublicValue));
    }

    private AccountResponse Account()
    {
        var made = _activated!;
        var address = new AddressKeyResponse(
            SealedMessage.Fingerprint(made.AddressKey.PublicKey), "encrypt", made.AddressKey.PublicKey, made.AddressKey.LockedKey, made.AddressKey.SealedPassphrase);
        return new AccountResponse(
            _account.ToString(), made.Address, true,
            [.. made.Slots.Select(slot => new SlotResponse(slot.SlotId, slot.Kind, slot.Kdf, slot.Wrap))],
            new UserKeyResponse(SealedMessage.Fingerprint(made.UserKey.PublicKey), made.UserKey.PublicKey, made.UserKey.LockedKey, made.UserKey.WrappedPassphrase),
            [new MailboxResponse(_mailbox.ToString(), "epoch", 1, made.MailboxKey, [new AddressResponse(made.Address, [address])], [_inbox])]);
    }

    private HttpResponseMessage Mail(string path, string query)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is ["api", "mailboxes", _, "folders", _, "messages"])
        {
            // Two a page, so that every test that lists turns pages.
            var before = query.Split("before=") is [_, var uid] ? int.Parse(uid, System.Globalization.CultureInfo.InvariantCulture) : int.MaxValue;
            var older = Messages.Select((message, index) => Row(message, index + 1)).Where(row => row.Uid < before).OrderByDescending(row => row.Uid).ToList();
            return Json(new MessageListResponse(_inbox, 1, [.. older.Take(2)], older.Count > 2));
        }
        var at = Messages.FindIndex(message => parts.Length > 4 && message.Id == parts[4]);
        return parts switch
        {
            _ when at < 0 => Refuse(HttpStatusCode.NotFound, "not-found"),
            [_, _, _, "messages", _] => Json(Row(Messages[at], at + 1)),
            [_, _, _, "messages", _, "segments", var index] => new HttpResponseMessage
            {
                Content = new ByteArrayContent(SendSegment(Messages[at], int.Parse(index, System.Globalization.CultureInfo.InvariantCulture))),
            },
            _ => Refuse(HttpStatusCode.NotFound, "not-found"),
        };
    }

    private MessageResponse Row(SealedMessage message, int uid) => new(
        message.Id, _inbox.FolderId, (uint)uid, 1, DateTimeOffset.UnixEpoch, "arrival", "none", message.Received.Length, [],
        SealedMessage.Fingerprint(AddressPublicKey), [new KeyPacketResponse("body", message.KeyPacket.Type, message.KeyPacket.Suite, message.KeyPacket.Packet)],
        message.Summary, [], [.. message.Segments.Select((segment, index) => new SegmentResponse(index, segment.Length))], null, null);

    private static HttpResponseMessage SignedIn(HttpResponseMessage answer)
    {
        answer.Headers.Add("Set-Cookie", $"{Cookie}; path=/; httponly; samesite=strict");
        return answer;
    }

    private static HttpResponseMessage Json<T>(T value) => new() { Content = JsonContent.Create(value, options: JsonSerializerOptions.Web) };

    private static HttpResponseMessage Refuse(HttpStatusCode status, string code) => new(status)
    {
        Content = JsonContent.Create(new { title = "No.", code }, new System.Net.Http.Headers.MediaTypeHeaderValue("application/problem+json")),
    };

    private static async Task<T> ReadAsync<T>(HttpRequestMessage request) =>
        await request.Content!.ReadFromJsonAsync<T>(JsonSerializerOptions.Web) ?? throw new JsonException();

    private sealed class Wire(FakeServer server) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => server.AnswerAsync(request);
    }
}
