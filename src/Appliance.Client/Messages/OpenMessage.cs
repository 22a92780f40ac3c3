using System.Security.Cryptography;
using Appliance.Client.Api;
using Appliance.Client.Opening;
using Appliance.Contracts;
using Appliance.Crypto.Formats;

namespace Appliance.Client.Messages;

/// <summary>
/// One message whose summary is open. Its bytes come a segment at a time and each is checked before it is passed on, so a
/// large message costs the memory of one segment (at most 8 MiB).
/// </summary>
public sealed class OpenMessage : IDisposable
{
    private const int LargestSegment = 8 * 1024 * 1024;

    private readonly ApplianceApi _api;
    private readonly string _mailboxId;
    private readonly OpenedBody _body;

    internal OpenMessage(ApplianceApi api, string mailboxId, MessageResponse response, OpenedBody body)
    {
        (_api, _mailboxId, Response, _body) = (api, mailboxId, response, body);
        try
        {
            CheckManifest();
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public MessageResponse Response { get; }

    public Summary Summary => _body.Summary;

    /// <summary>Our trace fields, then the bytes received less the removed ones: the message as we deliver it.</summary>
    /// <exception cref="SealBrokenException">A segment is not what the manifest says; what was written before is good.</exception>
    public async Task WriteAsync(Stream destination, CancellationToken cancellation)
    {
        foreach (var entry in Summary.Manifest)
            await WithSegmentAsync(entry, segment => destination.WriteAsync(segment, cancellation), cancellation);
    }

    /// <summary>Exactly the bytes that came: without our trace fields, with what was removed put back.</summary>
    /// <exception cref="SealBrokenException">A segment is not what the manifest says, or the pieces do not add up.</exception>
    public async Task WriteAsReceivedAsync(Stream destination, CancellationToken cancellation)
    {
        var rebuilding = new ReceivedBytes(destination, Summary.Removed);
        foreach (var entry in Summary.Manifest.Where(entry => entry.Index > 0))
            await WithSegmentAsync(entry, segment => new ValueTask(rebuilding.WriteAsync(segment, cancellation)), cancellation);
        await rebuilding.CompleteAsync(Summary.Size, cancellation);
    }

    /// <summary>One segment as the server keeps it, checked against the manifest. It needs <see cref="BodyKeyPacket"/> before it.</summary>
    public async Task<byte[]> FetchSealedAsync(ManifestEntry entry, CancellationToken cancellation)
    {
        var part = await _api.GetSegmentAsync(_mailboxId, Response.MessageId, entry.Index, cancellation);
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(part), entry.SealedSha256)
            ? part
            : throw new SealBrokenException(
                $"Segment {entry.Index} is not the one that was sealed. Fetch it again; if it stays so, ask the operator to restore it from a backup.");
    }

    public byte[] BodyKeyPacket => Response.KeyPackets.First(packet => packet.Opens == "body").Packet;

    public void Dispose() => _body.Dispose();

    private async Task WithSegmentAsync(ManifestEntry entry, Func<byte[], ValueTask> use, CancellationToken cancellation)
    {
        var segment = _body.OpenSegment(entry.Index, await FetchSealedAsync(entry, cancellation));
        try
        {
            await use(segment);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(segment);
        }
    }

    private void CheckManifest()
    {
        for (var i = 0; i < Summary.Manifest.Count; i++)
        {
            var entry = Summary.Manifest[i];
            if (entry.Index != i || entry.Length is < 0 or > LargestSegment || entry.Offset is null != (i == 0))
                throw new FormatException("The message's manifest is not one.");
        }
        if (Summary.Manifest.Count == 0)
            throw new FormatException("The message has no segments.");
    }
}
