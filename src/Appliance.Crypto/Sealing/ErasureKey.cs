using System.Security.Cryptography;
using Appliance.Crypto.Formats;

namespace Appliance.Crypto.Sealing;

/// <summary>
/// The key that is destroyed with a message. Its key packets are stored under it, bound to the message and mailbox, so that
/// without it no copy of them opens anything.
/// </summary>
public static class ErasureKey
{
    public const int Length = SealedBytes.KeyLength;

    public static byte[] New() => RandomBytes.Get(Length);

    public static byte[] Wrap(ReadOnlySpan<byte> key, ReadOnlySpan<byte> keyPacket, MessageId message, MailboxId mailbox) =>
        SealedBytes.Seal(key, keyPacket, AssociatedData(message, mailbox));

    /// <exception cref="FormatException">Cut short, or of another version.</exception>
    /// <exception cref="AuthenticationTagMismatchException">Changed, or of another message or mailbox.</exception>
    public static byte[] Unwrap(ReadOnlySpan<byte> key, ReadOnlySpan<byte> wrapped, MessageId message, MailboxId mailbox) =>
        SealedBytes.Open(key, wrapped, AssociatedData(message, mailbox), "key packet");

    internal static byte[] Wrap(ReadOnlySpan<byte> key, ReadOnlySpan<byte> keyPacket, MessageId message, MailboxId mailbox, ReadOnlySpan<byte> nonce) =>
        SealedBytes.Seal(key, keyPacket, AssociatedData(message, mailbox), nonce);

    private static byte[] AssociatedData(MessageId message, MailboxId mailbox) =>
        [.. "appliance/key-packet/v1"u8, .. message.Value.ToBytes(), .. mailbox.Value.ToBytes()];
}
