using System.Security.Cryptography;
using Appliance.Client.Api;
using Appliance.Client.Keys;
using Appliance.Client.State;
using Appliance.Contracts;
using Appliance.Crypto.Formats;

namespace Appliance.Client.Sessions;

/// <summary>
/// Keeps a signed-in computer unlocked (docs/formats.md, kind 5): the master key is wrapped under two halves, one here, one at the
/// server and released only to the live session. Sign-out deletes the server's, and what is left here opens nothing.
/// </summary>
public static class KeptSession
{
    public static async Task<SavedSession> KeepAsync(
        ApplianceApi api, ServerOrigin origin, string address, AccountId account, MasterKey master, string? certificatePin, CancellationToken cancellation)
    {
        var slot = SlotId.From(ObjectId.New());
        var localHalf = RandomNumberGenerator.GetBytes(KeySlot.HalfLength);
        var serverHalf = RandomNumberGenerator.GetBytes(KeySlot.HalfLength);
        var wrap = KeySlot.WrapForSession(master, account, slot, localHalf, serverHalf);
        await api.PutSessionSlotAsync(new SessionSlot(slot.ToString(), serverHalf, wrap), cancellation);
        return new SavedSession(
            origin.ToString(), address, account.ToString(), slot.ToString(), localHalf,
            api.Cookie ?? throw new ApiException(ApiException.BadAnswer, null, "The server opened no session. Check that both programs are up to date."), certificatePin);
    }

    /// <summary>The account, unlocked with both halves.</summary>
    /// <param name="api">Carries the saved cookie.</param>
    public static async Task<MemberAccount> ResumeAsync(ApplianceApi api, SavedSession saved, CancellationToken cancellation)
    {
        var slot = await api.GetSessionSlotAsync(cancellation);
        var account = await api.GetAccountAsync(cancellation);
        if (slot.SlotId != saved.SlotId || account.AccountId != saved.AccountId
            || !ObjectId.TryParse(saved.AccountId, out var accountId) || !ObjectId.TryParse(saved.SlotId, out var slotId))
            throw new FormatException("The server's session is not the one kept here. Log out, then log in again.");
        using var master = KeySlot.UnwrapForSession(slot.Wrap, AccountId.From(accountId), SlotId.From(slotId), saved.LocalHalf, slot.ServerHalf)
            ?? throw new FormatException("The session kept here no longer unlocks. Log out, then log in again.");
        return MemberAccount.Unlock(account, master);
    }
}
