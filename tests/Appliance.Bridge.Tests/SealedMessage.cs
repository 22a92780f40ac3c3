using System.Buffers;
using System.Text;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Keys;
using Appliance.Crypto.Sealing;
using Appliance.Crypto.Tests.Sealing;

namespace Appliance.Bridge.Tests;

/// <summary>A message as the server stores it: trace fields, two segments of what came, one forged field taken out.</summary>
public sealed record SealedMessage(string Id, byte[] Trace, byte[] Received, byte[] Kept, KeyPacket KeyPacket, byte[] Summary, IReadOnlyList<byte[]> Segments)
{
    private const string Forged = "Authentication-Results: mail.example.org; spf=pass\r\n";

    public static SealedMessage Seal(byte[] publicKey, string subject, int bodyLength = 500)
    {
        var trace = Encoding.ASCII.GetBytes("Return-Path: <bob@example.net>\r\nReceived: from example.net\r\n");
        var top = "From: Bob <bob@example.net>\r\n";
        var rest = $"Subject: {subject}\r\nDate: Mon, 23 Nov 2026 10:00:00 +0100\r\n\r\n{new string('x', bodyLength)}\r\n";
        var received = Encoding.UTF8.GetBytes(top + Forged + rest);
        var kept = Encoding.UTF8.GetBytes(top + rest);
        var first = kept.Length / 2;

        using var key = new BodySessionKey();
        List<ManifestEntry> manifest = [];
        List<byte[]> segments = [];
        Add(trace, null);
        Add(kept[..first], 0);
        Add(kept[first..], first + Forged.Length);
        var summary = new Summary
        {
            From = [new MailAddress("Bob", "bob@example.net")],
            Subject = subject,
            DateUtc = new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero),
            Size = received.Length,
            HeaderLength = received.Length - bodyLength - 2,
            Mime = new MimeNode { Type = "text/plain", HeaderOffset = 0, Offset = received.Length - bodyLength - 2, Length = bodyLength + 2 },
            Verdict = Verdict.None,
            Removed = [new RemovedBytes(top.Length, Encoding.ASCII.GetBytes(Forged))],
            Manifest = manifest,
        };
        var sealedSummary = key.Seal(PartName.Summary, new ReadOnlySequence<byte>(summary.ToJson()));
        return new SealedMessage(
            ObjectId.New().ToString(), trace, received, kept, key.WrapFor(Recipient(publicKey)), sealedSummary, segments);

        void Add(byte[] plaintext, long? offset)
        {
            var (part, bytes) = key.SealSegment(segments.Count, plaintext);
            manifest.Add(new ManifestEntry(segments.Count, offset, part.Length, part.Sha256, part.SealedSha256));
            segments.Add(bytes);
        }
    }

    public byte[] Delivered => [.. Trace, .. Kept];

    public static string Fingerprint(byte[] publicKey) => Recipient(publicKey).Fingerprint;

    private static RecipientKey Recipient(byte[] publicKey) => RecipientKey.Read(publicKey, TimeProvider.System.GetUtcNow()).Key!;
}
