using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Appliance.Client.Api;
using Appliance.Client.Export;
using Appliance.Client.Keys;
using Appliance.Client.Opening;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Keys;
using Appliance.Crypto.Sealing;
using Appliance.Crypto.SignIn;
using Appliance.Mail.Addresses;

namespace Appliance.Fuzz;

/// <summary>
/// Every reader of bytes from outside, one after the other: keys, packets, sealed parts, summaries, addresses, messages. Each must answer or
/// refuse in the way it documents; what was understood must be understood again.
/// </summary>
internal sealed class FormatsTarget : IFuzzTarget
{
    /// <summary>After the keys of the corpus were made.</summary>
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly byte[] ZeroKey = new byte[SealedBytes.KeyLength];

    private readonly List<UnlockedKey> _keys = [.. Seeds.PrivateKeys().Select(key => UnlockedKey.Unlock(key, ""))];

    public string Name => "formats";

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        "\r\n"u8.ToArray(), "\r\n\r\n"u8.ToArray(), "\0"u8.ToArray(), [0xFF], [0xFF, 0xFF, 0xFF, 0xFF], [0x7F, 0xFF, 0xFF, 0xFF], [0xC0, 0x80],
        "null"u8.ToArray(), "[null]"u8.ToArray(), "{}"u8.ToArray(), "-1"u8.ToArray(), "9223372036854775807"u8.ToArray(), "\\ud800"u8.ToArray(),
        "\""u8.ToArray(), "<"u8.ToArray(), ">"u8.ToArray(), "@"u8.ToArray(), "xn--"u8.ToArray(), "--"u8.ToArray(), "=?utf-8?b?"u8.ToArray(), "=?="u8.ToArray(),
    ];

    public IReadOnlyList<byte[]> Corpus() => [.. Seeds.Vectors(), .. Seeds.Messages(), .. Seeds.Keys(), .. Seeds.KeyPackets(Now)];

    public void Run(ReadOnlyMemory<byte> input)
    {
        var bytes = input.ToArray();
        foreach (var text in new[] { Encoding.UTF8.GetString(bytes), Encoding.Latin1.GetString(bytes), new string(MemoryMarshal.Cast<byte, char>(bytes)) })
            ReadText(text);
        Attempt("path", () => ReadPaths(bytes));
        Attempt("packet header", () => ReadHeaders(bytes));
        Attempt("message", () => MessageChecks.Read(bytes));
        Attempt("public key", () => ReadPublicKey(bytes));
        Attempt("locked key", () => LockedKeyShape.IsLocked(bytes, new string('0', 40)));
        Attempt("private key", () => UnlockedKey.Unlock(bytes, ""));
        Attempt("exported key", () => ExportedKey.Relock(bytes, "", ""));
        Attempt("own secret", () => _keys[0].OpenOwn(bytes));
        Attempt("mailbox key", () => MailboxSecret.FromJson(bytes));
        foreach (var key in _keys)
            Attempt("key packet", () => key.OpenKeyPacket(bytes).Dispose());
        Attempt("wrapped key packet", () => ErasureKey.Unwrap(ZeroKey, bytes, default, default));
        Attempt("session slot", () => KeySlot.UnwrapForSession(bytes, default, default, ZeroKey, ZeroKey)?.Dispose());
        Attempt("session key", () => SessionKeyData.TryRead(bytes, out _));
        Attempt("sealed part", () => OpenPart(bytes));
        Attempt("part's inside", () => OpenPart(SealedAround(bytes)));
        Attempt("summary", () => ReadSummary(bytes));
        Attempt("slip", () => Same(Slip.FromJson(bytes).ToJson(), json => Slip.FromJson(json).ToJson()));
    }

    private static void ReadText(string text)
    {
        Attempt("id", () => Assert(!ObjectId.TryParse(text, out var id) || id.ToString() == text));
        Attempt("domain", () =>
        {
            if (MailDomain.TryParse(text, out var domain))
                Assert(MailDomain.TryParse(domain.Ascii, out var again) && again == domain && domain.ToUnicode().Length > 0);
        });
        Attempt("mailbox", () =>
        {
            if (Mailbox.TryParse(text, out var mailbox))
                Assert(Mailbox.TryParse(mailbox.ToString(), out var again) && again == mailbox && again.Key == mailbox.Key);
        });
        Attempt("verifier", () => Assert(SrpVerifier.Parse(text) is not { } verifier || SrpVerifier.Parse(verifier.ToString()) is not null));
        Attempt("recovery phrase", () => Assert(RecoveryPhrase.Normalise(text) is not { } phrase || RecoveryPhrase.Normalise(phrase) == phrase));
        Attempt("activation link", () => Assert(ActivationLink.TryParse(text, out var link, out var problem) ? link.Token.Length > 0 : problem.Length > 0));
    }

    private static void ReadPaths(byte[] bytes)
    {
        if (SmtpPath.TryParseReverse(bytes, out var reverse, out var length, out _))
            Assert(length <= bytes.Length && (reverse.IsNull || SmtpPath.TryParseReverse(Encoding.UTF8.GetBytes(reverse.ToString()), out _, out _, out _)));
        if (SmtpPath.TryParseForward(bytes, out var forward, out length, out _))
            Assert(length <= bytes.Length && SmtpPath.TryParseForward(Encoding.UTF8.GetBytes(forward.ToString()), out _, out _, out _));
    }

    private static void ReadHeaders(byte[] bytes)
    {
        for (var tag = 0; tag < 64; tag++)
            Assert(!PacketHeader.TryRead(bytes, tag, out var header) || header.TotalLength == bytes.Length);
    }

    /// <summary>A key that is taken must be good for sealing.</summary>
    private static void ReadPublicKey(byte[] bytes)
    {
        var reading = RecipientKey.Read(bytes, Now);
        Assert(reading.IsUsable == (reading.Fault == KeyFault.None) && reading.Explanation.Length > 0);
        if (!reading.IsUsable)
            return;
        using var sessionKey = new BodySessionKey();
        Assert(sessionKey.WrapFor(reading.Key).Packet.Length > 0);
    }

    private static void OpenPart(byte[] part)
    {
        using var key = new SessionKey((byte[])ZeroKey.Clone());
        PartOpener.Open(key, PartName.Summary, part);
    }

    private static byte[] SealedAround(byte[] packets)
    {
        using var key = new BodySessionKey((byte[])ZeroKey.Clone());
        return key.SealPackets(packets);
    }

    /// <summary>A server can make any summary: what uses one must be safe too.</summary>
    private static void ReadSummary(byte[] bytes)
    {
        var summary = Summary.FromJson(bytes);
        Same(summary.ToJson(), json => Summary.FromJson(json).ToJson());
        Attempt("removed fields", () => ReceivedMessage.Rebuild(bytes, summary.Removed));
        Attempt("segment", () =>
        {
            using var key = new SessionKey((byte[])ZeroKey.Clone());
            OpenedBody.Of(key, summary).OpenSegment(1, SealedAround(bytes));
        });
    }

    private static void Same(byte[] json, Func<byte[], byte[]> again) => Assert(json.AsSpan().SequenceEqual(again(json)));

    internal static void Assert(bool holds)
    {
        if (!holds)
            throw new InvalidOperationException("What was understood is not consistent.");
    }

    private static void Attempt(string what, Action read)
    {
        try
        {
            read();
        }
        catch (Exception documented) when (documented is FormatException or SealBrokenException or AuthenticationTagMismatchException)
        {
            // How a reader refuses.
        }
        catch (Exception escaped)
        {
            throw new InvalidOperationException($"Reading a {what} threw.", escaped);
        }
    }
}
