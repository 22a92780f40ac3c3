using System.Buffers;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;
using Appliance.Mail.Arrivals;
using Appliance.Mail.Smtp;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

/// <summary>
/// Seals what a session received: one body under one session key, one copy per mailbox. Nothing but the sealed result leaves
/// this class; a large one is written as a blob here, and durable before any row names it.
/// </summary>
internal sealed class ArrivalSealing(IStore store, IOptions<MxOptions> options, TimeProvider time)
{
    /// <summary>Sealed bodies up to this size lie in their row, larger ones in a blob.</summary>
    public const int MostInlineBytes = 16 * 1024;

    /// <param name="envelope">Whom it is for.</param>
    /// <param name="message">As received.</param>
    /// <param name="found">What its checks found.</param>
    /// <param name="room">Where a small body lies, until the message is stored: <see cref="MostInlineBytes"/> bytes.</param>
    /// <param name="cancellationToken">Before a blob is written.</param>
    public async Task<NewMessage> SealAsync(SmtpEnvelope envelope, ReadOnlySequence<byte> message, CheckedArrival found, Memory<byte> room, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        // Two recipients may lead to one mailbox: it gets one copy, as the first of them.
        var destinations = envelope.Recipients.SelectMany(recipient => (IReadOnlyList<Destination>)recipient.State!).DistinctBy(to => to.MailboxId).ToList();
        var arrival = found.Arrival!;
        var bodyId = new BodyId(ObjectId.NewInOrder(now));
        // Nobody's Bcc reaches another member: `for` only when there is one who gets it.
        var trace = TraceFields.Format(Trace(envelope, found, bodyId, now) with
        {
            ReversePath = envelope.Sender.Path.Mailbox?.ToString() ?? "",
            Recipients = envelope.Recipients.Count == 1 && destinations.Count == 1 ? [destinations[0].Written] : [],
        });
        var toSeal = new ArrivalToSeal(arrival.Summary with { Verdict = found.Verdict }, new ReadOnlySequence<byte>(trace), arrival.Kept, arrival.Segments);
        var recipients = destinations.ConvertAll(to => new SealTo(to.Key, SlipFor(envelope, to, found)));
        SealedArrival sealedArrival = null!;
        void Seal(Action<ReadOnlySpan<byte>> output) => sealedArrival = Sealer.Seal(toSeal, recipients, output);

        var length = Sealer.SealedLength(toSeal);
        var blob = length > MostInlineBytes ? await store.Blobs.WriteAsync(length, Seal, cancellationToken) : null;
        if (blob is null)
        {
            var rest = room;
            Seal(piece =>
            {
                piece.CopyTo(rest.Span);
                rest = rest[piece.Length..];
            });
        }
        var places = new List<StoredSegment>(sealedArrival.Body.Segments.Count);
        long offset = 0;
        foreach (var segment in sealedArrival.Body.Segments)
        {
            places.Add(new StoredSegment { Index = segment.Index, Offset = offset, Length = (int)segment.Part.SealedLength });
            offset += segment.Part.SealedLength;
        }
        return new NewMessage
        {
            BodyId = bodyId,
            Summary = sealedArrival.Body.Summary,
            Segments = places,
            Inline = blob is null ? room[..(int)length] : (ReadOnlyMemory<byte>?)null,
            Blob = blob,
            Origin = MessageOrigin.Arrival,
            Size = message.Length,
            ArrivedAt = now,
            Copies = [.. destinations.Zip(sealedArrival.Copies, (to, copy) => CopyFor(to, copy, found, now))],
        };
    }

    /// <summary>What stands before a message that goes on to another server, which is the one to add Return-Path (RFC 5321 §4.4).</summary>
    public (string Id, byte[] Fields) TraceToPassOn(SmtpEnvelope envelope, CheckedArrival found)
    {
        var now = time.GetUtcNow();
        var id = new BodyId(ObjectId.NewInOrder(now));
        return (id.ToString(), TraceFields.Format(Trace(envelope, found, id, now) with { Recipients = envelope.Recipients is [{ Path.Mailbox: { } only }] ? [only.ToString()] : [] }));
    }

    private TraceInput Trace(SmtpEnvelope envelope, CheckedArrival found, BodyId id, DateTimeOffset now) => new(
        ReversePath: null,
        envelope.Peer.Helo ?? "",
        envelope.Peer.Remote.Address,
        options.Value.EffectiveHostName,
        envelope.Protocol,
        id.ToString(),
        Recipients: [],
        now,
        found.ClientName,
        envelope.Peer.Tls is { } tls ? $"{tls.Protocol} {tls.CipherSuite}" : null,
        found.AuthResults);

    private static Slip SlipFor(SmtpEnvelope envelope, Destination to, CheckedArrival found) => new()
    {
        EnvelopeFrom = envelope.Sender.Path.Mailbox?.ToString() ?? "",
        EnvelopeTo = to.Written,
        DeliveredTo = to.DeliveredTo,
        Matched = to.Matched,
        Rules = found.Rules.TryGetValue(to.MailboxId, out var rule) ? [Names.Of(rule)] : [],
    };

    private static NewCopy CopyFor(Destination to, SealedCopy copy, CheckedArrival found, DateTimeOffset now)
    {
        var id = new MessageId(ObjectId.NewInOrder(now));
        var erasureKey = ErasureKey.New();
        return new NewCopy
        {
            MailboxId = to.MailboxId,
            MessageId = id,
            KeyFingerprint = to.Key.Fingerprint,
            ErasureKey = erasureKey,
            KeyPackets =
            [
                .. copy.KeyPackets.Select(packet => new StoredKeyPacket
                {
                    Opens = packet.Opens,
                    Type = packet.Type,
                    Suite = packet.Suite,
                    Wrapped = ErasureKey.Wrap(erasureKey, packet.Packet, id, to.MailboxId),
                }),
            ],
            Slip = copy.Slip,
            Folder = found.FolderFor(to.MailboxId),
        };
    }
}
