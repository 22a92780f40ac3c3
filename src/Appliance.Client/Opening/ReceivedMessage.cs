using Appliance.Crypto.Formats;

namespace Appliance.Client.Opening;

/// <summary>Puts the fields that were taken out on arrival back where they were: the bytes exactly as they came.</summary>
public static class ReceivedMessage
{
    /// <param name="remaining">Segments 1… concatenated.</param>
    /// <exception cref="FormatException">The removed pieces do not fit the message.</exception>
    public static byte[] Rebuild(ReadOnlySpan<byte> remaining, IReadOnlyList<RemovedBytes> removed)
    {
        var received = new byte[remaining.Length + removed.Sum(piece => piece.Bytes.Length)];
        long done = 0;
        foreach (var piece in removed)
        {
            var before = piece.Offset - done;
            if (before < 0 || before > remaining.Length)
                throw new FormatException("The removed fields do not fit the message.");
            remaining[..(int)before].CopyTo(received.AsSpan((int)done));
            remaining = remaining[(int)before..];
            piece.Bytes.CopyTo(received, piece.Offset);
            done = piece.Offset + piece.Bytes.Length;
        }
        remaining.CopyTo(received.AsSpan((int)done));
        return received;
    }
}
