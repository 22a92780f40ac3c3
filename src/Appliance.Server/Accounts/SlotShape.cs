using Appliance.Contracts;
using Appliance.Crypto.Formats;
using Appliance.Crypto.SignIn;

namespace Appliance.Server.Accounts;

/// <summary>What a key slot looks like on its way in and out; anything else is refused (docs/formats.md, "Key slots").</summary>
public static class SlotShape
{
    public const int WrapLength = 61;
    /// <summary>What new slots use, and what an address that does not exist claims to use.</summary>
    public static StoredKdf Default(byte[] salt) =>
        new()
        {
            Name = KdfParameters.Argon2id,
            MemoryKiB = KdfParameters.Default.MemoryKiB,
            Passes = KdfParameters.Default.Passes,
            Lanes = KdfParameters.Default.Lanes,
            Salt = salt,
        };

    public static KdfSettings ToSettings(this StoredKdf kdf) => new(kdf.Name, kdf.MemoryKiB, kdf.Passes, kdf.Lanes, kdf.Salt);

    public static SlotKind? KindOf(string name) => name switch
    {
        "password" => SlotKind.Password,
        "phrase" => SlotKind.Phrase,
        _ => null,
    };

    /// <summary>A sentence, or null when nothing is wrong.</summary>
    public static string? WhatIsWrongWith(NewSlot slot)
    {
        if (KindOf(slot.Kind) is null || !ObjectId.TryParse(slot.SlotId, out _))
            return "A slot is of kind password or phrase and has an id.";
        var kdf = slot.Kdf;
        if (KdfParameters.WhatIsWrongWith(kdf.Name, kdf.MemoryKiB, kdf.Passes, kdf.Lanes, kdf.Salt.Length) is { } wrong)
            return wrong;
        if (SrpVerifier.Parse(slot.Verifier) is null)
            return "A slot's verifier is a number of the 3,072-bit group in lower-case hexadecimal.";
        return slot.Wrap.Length == WrapLength ? null : $"A slot's wrap has {WrapLength} bytes.";
    }

    /// <summary>A slot that <see cref="WhatIsWrongWith"/> found nothing wrong with.</summary>
    public static SlotRow ToRow(this NewSlot slot, AccountId account) => new()
    {
        AccountId = account,
        Id = new SlotId(ObjectId.TryParse(slot.SlotId, out var id) ? id : throw new ArgumentException("The slot was not checked.", nameof(slot))),
        Kind = KindOf(slot.Kind)!.Value,
        Version = 1,
        Kdf = new StoredKdf
        {
            Name = slot.Kdf.Name,
            MemoryKiB = slot.Kdf.MemoryKiB,
            Passes = slot.Kdf.Passes,
            Lanes = slot.Kdf.Lanes,
            Salt = slot.Kdf.Salt,
        },
        Verifier = SrpVerifier.Parse(slot.Verifier)!.ToBytes(),
        Wrap = slot.Wrap,
    };
}
