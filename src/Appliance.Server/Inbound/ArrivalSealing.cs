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
internal sealed class ArrivalSealing(IStore store, IOptions<MxOptions> options, TimeProvider time) : IDisposable
{
    /// <summary>Sealed bodies up to this size lie in their row, larger ones in a blob.</summary>
    private const int MostInlineBytes = 16 * 1024;

    /// <summary>Larger messages wait for their turn, since each takes as much memory again while it is sealed.</summary>
    private const int LargestWithoutTurn = 1024 * 1024;

    private readonly SemaphoreSlim _turns = new(2 * Environment.ProcessorCount); // while some wait for the disk others are sealed

    /// <param name="envelope">Whom it is for.</param>
    /// <param name="message">As received.</param>
    /// <param name="found">What its checks found.</param>
    /// <param name="arrays">Has the sealed segments: until it is disposed of they can be stored.</param>
    /// <param name="cancellationToken">While it waits, and while a blob is written.</param>
    public async Task<NewMessage> SealAsync(SmtpEnvelope envelope, ReadOnlySequence<byte> message, CheckedArrival found, RentedArrays arrays, CancellationToken cancellationToken)
    {
        if (message.Length <= LargestWithoutTurn)
            return await SealNowAsync(envelope, message, found, arrays, cancellationToken);
        await _turns.WaitAsync(cancellationToken);
        try
        {
            return await SealNowAsync(envelope, message, found, arrays, cancellationToken);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private async Task<NewMessage> SealNowAsync(SmtpEnvelope envelope, ReadOnlySequence<byte> message, CheckedArrival found, RentedArrays arrays, CancellationToken cancellationToken)
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
        var sealedArrival = Sealer.Seal(
            new ArrivalToSeal(arrival.Summary with { Verdict = found.Verdict }, new ReadOnlySequence<byte>(trace), arrival.Kept, arrival.Segments),
            [.. destinations.Select(to => new SealTo(to.Key, SlipFor(envelope, to, found)))],
            arrays.Rent);

        var segments = sealedArrival.Body.Segments;
        var places = new List<StoredSegment>(segments.Count);
        long offset = 0;
        foreach (var segment in segments)
        {
            places.Add(new StoredSegment { Index = segment.Index, Offset = offset, Length = segment.Part.Sealed.Length });
            offset += segment.Part.Sealed.Length;
        }
        var parts = segments.Select(segment => segment.Part.Sealed).ToList();
        var isInline = offset <= MostInlineBytes;
        return new NewMessage
        {
            BodyId = bodyId,
            Summary = sealedArrival.Body.Summary,
            Segments = places,
            Inline = isInline ? Pieces.Join(parts) : null,
            Blob = isInline ? null : await store.Blobs.WriteAsync(parts, cancellationToken),
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
