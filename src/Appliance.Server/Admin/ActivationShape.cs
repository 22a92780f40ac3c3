using Appliance.Contracts;
using Appliance.Crypto.Keys;
using Appliance.Server.Accounts;

namespace Appliance.Server.Admin;

/// <summary>
/// Refuses an activation that is not shaped like ciphertext: above all a private key that is not locked, which a client with a
/// mistake could otherwise leave here in clear.
/// </summary>
internal static class ActivationShape
{
    private const int WrappedPassphraseLength = 93;
    private const int LongestSecret = 64 * 1024;

    /// <summary>A sentence, or null when nothing is wrong.</summary>
    public static string? WhatIsWrongWith(ActivationRequest request, KeyReading userKey, KeyReading addressKey)
    {
        if (request.Slots.Count != 2 || !request.Slots.Any(slot => slot.Kind == "password") || !request.Slots.Any(slot => slot.Kind == "phrase"))
            return "An account begins with one password slot and one phrase slot.";
        if (request.Slots.Select(SlotShape.WhatIsWrongWith).FirstOrDefault(wrong => wrong is not null) is { } wrongSlot)
            return wrongSlot;
        if (!userKey.IsUsable)
            return $"The user key cannot be used. {userKey.Explanation}";
        if (!addressKey.IsUsable)
            return $"The address key cannot be used. {addressKey.Explanation}";
        if (!LockedKeyShape.IsLocked(request.UserKey.LockedKey, userKey.Key.Fingerprint))
            return "The user key's private half is not a locked OpenPGP key of the same fingerprint.";
        if (!LockedKeyShape.IsLocked(request.AddressKey.LockedKey, addressKey.Key.Fingerprint))
            return "The address key's private half is not a locked OpenPGP key of the same fingerprint.";
        if (request.UserKey.WrappedPassphrase.Length != WrappedPassphraseLength)
            return $"The user key's wrapped passphrase has {WrappedPassphraseLength} bytes.";
        if (!IsMessage(request.AddressKey.SealedPassphrase))
            return "The address key's passphrase is not an OpenPGP message.";
        return IsMessage(request.MailboxKey) ? null : "The mailbox key is not an OpenPGP message.";
    }

    // PKESK first (RFC 9580 §5.1): tag 1 in the new or the old packet format.
    private static bool IsMessage(byte[] bytes) => bytes.Length is > 100 and < LongestSecret && (bytes[0] == 0xC1 || (bytes[0] & 0xFC) == 0x84);
}
