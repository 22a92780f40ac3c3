using Appliance.Client.Api;
using Appliance.Client.Keys;
using Appliance.Contracts;
using Appliance.Crypto.Formats;
using Appliance.Crypto.SignIn;

namespace Appliance.Client.Sessions;

/// <summary>
/// Signs in with a password (docs/formats.md, "Sign-in"): SRP-6a, so neither the password nor anything that opens mail reaches the
/// server. Refuses weak derivation parameters, whatever the server says, and a server that does not prove that it knows the verifier.
/// </summary>
public static class SignIn
{
    private const string PasswordSlot = "password";

    /// <summary>The account's master key; the session's cookie is in <paramref name="api"/>.</summary>
    /// <exception cref="ApiException">Refused, with <see cref="ApiException.SignInFailed"/> for a wrong password or address.</exception>
    /// <exception cref="FormatException">The server asked for or sent what is not to be trusted.</exception>
    public static async Task<(AccountResponse Account, MasterKey Master)> WithPasswordAsync(
        ApplianceApi api, string address, string password, CancellationToken cancellation)
    {
        var start = await api.StartSignInAsync(new SignInStartRequest(address, PasswordSlot), cancellation);
        if (!ObjectId.TryParse(start.AccountId, out var accountId) || !ObjectId.TryParse(start.SlotId, out var slotId))
            throw new FormatException("The server's sign-in answer is malformed. Check that both programs are up to date.");
        if (KdfParameters.WhatIsWrongWith(start.Kdf.Name, start.Kdf.MemoryKiB, start.Kdf.Passes, start.Kdf.Lanes, start.Kdf.Salt.Length) is { } wrong)
            throw new FormatException($"{wrong} Sign-in is refused; ask the server's operator.");

        using var keys = PasswordKeys.Derive(
            password, AccountId.From(accountId), SlotId.From(slotId), new KdfParameters(start.Kdf.MemoryKiB, start.Kdf.Passes, start.Kdf.Lanes), start.Kdf.Salt);
        var srp = new SrpClient(keys);
        var proof = srp.Answer(start.ServerPublic);
        var finish = await api.FinishSignInAsync(new SignInFinishRequest(start.ChallengeId, srp.PublicValue, proof), cancellation);
        if (!srp.IsServerProved(finish.ServerProof) || finish.AccountId != start.AccountId)
            throw new FormatException("The server did not prove that it knows this account; sign-in is refused. Check its address, and ask its operator.");

        var account = await api.GetAccountAsync(cancellation);
        var slot = account.Slots.FirstOrDefault(slot => slot.SlotId == start.SlotId && slot.Kind == PasswordSlot);
        if (account.AccountId != start.AccountId || slot is null)
            throw new FormatException("The server sent another account than the one signed in to; sign-in is refused.");
        var master = KeySlot.Unwrap(slot.Wrap, KeySlotKind.Password, keys)
            ?? throw new FormatException("The account's master key does not open with this password, although the server accepted it. Ask the server's operator.");
        return (account, master);
    }
}
