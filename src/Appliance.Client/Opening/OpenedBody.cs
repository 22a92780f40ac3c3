using System.Security.Cryptography;
using Appliance.Client.Keys;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;

namespace Appliance.Client.Opening;

/// <summary>
/// A message whose summary is open: the rest opens piece by piece, each checked against the summary's manifest, so that a
/// server can neither change, drop nor exchange a segment unnoticed.
/// </summary>
public sealed class OpenedBody : IDisposable
{
    private readonly SessionKey _bodyKey;
    private readonly SessionKey? _slipKey;

    private OpenedBody(SessionKey bodyKey, SessionKey? slipKey, Summary summary) => (_bodyKey, _slipKey, Summary) = (bodyKey, slipKey, summary);

    public Summary Summary { get; }

    /// <param name="key">The address key the message was sealed to.</param>
    /// <param name="keyPackets">As the server sends them: the erasure layer is off.</param>
    /// <param name="sealedSummary">The part <c>summary</c>.</param>
    /// <exception cref="SealBrokenException">A key packet or the summary does not open.</exception>
    /// <exception cref="FormatException">The summary is of an unknown version.</exception>
    public static OpenedBody Open(UnlockedKey key, IReadOnlyList<KeyPacket> keyPackets, ReadOnlySpan<byte> sealedSummary)
    {
        var bodyKey = OpenPacket(key, keyPackets, KeyPacketOpens.Body)
            ?? throw new SealBrokenException("The message has no key packet. " + SealBrokenException.Restore);
        SessionKey? slipKey = null;
        try
        {
            slipKey = OpenPacket(key, keyPackets, KeyPacketOpens.Slip);
            return new OpenedBody(bodyKey, slipKey, Summary.FromJson(PartOpener.Open(bodyKey, PartName.Summary, sealedSummary)));
        }
        catch
        {
            bodyKey.Dispose();
            slipKey?.Dispose();
            throw;
        }
    }

    /// <summary>With a session key that is given: for test vectors.</summary>
    internal static OpenedBody Of(SessionKey bodyKey, Summary summary) => new(bodyKey, null, summary);

    /// <exception cref="SealBrokenException">Not the segment the manifest speaks of.</exception>
    public byte[] OpenSegment(int index, ReadOnlySpan<byte> sealedSegment)
    {
        var entry = Summary.Manifest.FirstOrDefault(entry => entry.Index == index)
            ?? throw new SealBrokenException($"The message has no segment {index}. " + SealBrokenException.Restore);
        var segment = PartOpener.Open(_bodyKey, PartName.Segment(index), sealedSegment);
        return segment.Length == entry.Length && CryptographicOperations.FixedTimeEquals(SHA256.HashData(segment), entry.Sha256)
            ? segment
            : throw new SealBrokenException($"Segment {index} is not the one its manifest names. " + SealBrokenException.Restore);
    }

    /// <exception cref="SealBrokenException">The slip does not open.</exception>
    /// <exception cref="FormatException">It is of an unknown version.</exception>
    public Slip OpenSlip(ReadOnlySpan<byte> sealedSlip) => Slip.FromJson(PartOpener.Open(_slipKey ?? _bodyKey, PartName.Slip, sealedSlip));

    public void Dispose()
    {
        _bodyKey.Dispose();
        _slipKey?.Dispose();
    }

    private static SessionKey? OpenPacket(UnlockedKey key, IReadOnlyList<KeyPacket> packets, KeyPacketOpens opens) =>
        packets.FirstOrDefault(packet => packet.Opens == opens && packet.Type == KeyPacket.PkeskType) is { } found
            ? key.OpenKeyPacket(found.Packet)
            : null;
}
