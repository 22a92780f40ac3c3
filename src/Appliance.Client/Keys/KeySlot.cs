using System.Security.Cryptography;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;
using Appliance.Crypto.SignIn;

namespace Appliance.Client.Keys;

public enum KeySlotKind : byte
{
    Password = 1,
    MailboxPassword = 2,
    Phrase = 3,
    Passkey = 4,
    Session = 5,
}

/// <summary>
/// Wraps the master key for a slot and unwraps it again (docs/formats.md, "Key slots"): 61 bytes, bound to account, slot, kind and
/// derivation parameters, so that a server cannot pass one slot off as another.
/// </summary>
public static class KeySlot
{
    public const int WrapLength = SealedBytes.Overhead + MasterKey.Length;

    /// <summary>Each half of a session slot's key: one stays with the client, one with the server.</summary>
    public const int HalfLength = 32;

    public static byte[] Wrap(MasterKey master, KeySlotKind kind, PasswordKeys keys) =>
        Wrap(master, kind, keys, RandomNumberGenerator.GetBytes(SealedBytes.NonceLength));

    /// <summary>Null when the password or phrase is wrong, or the wrap belongs elsewhere.</summary>
    /// <exception cref="FormatException">Not a wrap, or of another version.</exception>
    public static MasterKey? Unwrap(ReadOnlySpan<byte> wrap, KeySlotKind kind, PasswordKeys keys) =>
        Open(wrap, keys.Wrap, AssociatedData(keys.Account, keys.Slot, kind, keys.Parameters));

    public static byte[] WrapForSession(
        MasterKey master, AccountId account, SlotId slot, ReadOnlySpan<byte> localHalf, ReadOnlySpan<byte> serverHalf) =>
        WrapForSession(master, account, slot, localHalf, serverHalf, RandomNumberGenerator.GetBytes(SealedBytes.NonceLength));

    /// <summary>Null when the halves do not belong together, or the wrap belongs elsewhere.</summary>
    /// <exception cref="FormatException">Not a wrap, or of another version.</exception>
    public static MasterKey? UnwrapForSession(
        ReadOnlySpan<byte> wrap, AccountId account, SlotId slot, ReadOnlySpan<byte> localHalf, ReadOnlySpan<byte> serverHalf) =>
        Open(wrap, SessionKey(account, slot, localHalf, serverHalf), AssociatedData(account, slot, KeySlotKind.Session, null));

    internal static byte[] Wrap(MasterKey master, KeySlotKind kind, PasswordKeys keys, ReadOnlySpan<byte> nonce) =>
        SealedBytes.Seal(keys.Wrap, master.Bytes, AssociatedData(keys.Account, keys.Slot, kind, keys.Parameters), nonce);

    internal static byte[] WrapForSession(
        MasterKey master, AccountId account, SlotId slot, ReadOnlySpan<byte> localHalf, ReadOnlySpan<byte> serverHalf, ReadOnlySpan<byte> nonce) =>
        SealedBytes.Seal(
            SessionKey(account, slot, localHalf, serverHalf), master.Bytes, AssociatedData(account, slot, KeySlotKind.Session, null), nonce);

    private static MasterKey? Open(ReadOnlySpan<byte> wrap, ReadOnlySpan<byte> key, byte[] associatedData)
    {
        if (wrap.Length != WrapLength)
            throw new FormatException($"A wrapped master key has {WrapLength} bytes, this one {wrap.Length}.");
        try
        {
            return new MasterKey(SealedBytes.Open(key, wrap, associatedData, "wrapped master key"));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static byte[] SessionKey(AccountId account, SlotId slot, ReadOnlySpan<byte> localHalf, ReadOnlySpan<byte> serverHalf)
    {
        if (localHalf.Length != HalfLength || serverHalf.Length != HalfLength)
            throw new FormatException($"Each half of a session's key has {HalfLength} bytes.");
        return HKDF.DeriveKey(
            HashAlgorithmName.SHA256, [.. localHalf, .. serverHalf], SealedBytes.KeyLength,
            info: [.. "appliance/session/v1"u8, .. account.Value.ToBytes(), .. slot.Value.ToBytes()]);
    }

    private static byte[] AssociatedData(AccountId account, SlotId slot, KeySlotKind kind, KdfParameters? parameters) =>
    [
        .. "appliance/slot/v1"u8, .. account.Value.ToBytes(), .. slot.Value.ToBytes(), (byte)kind,
        .. parameters?.ToBytes() ?? new byte[KdfParameters.ByteLength],
    ];
}
