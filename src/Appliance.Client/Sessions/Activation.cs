using Appliance.Client.Api;
using Appliance.Client.Keys;
using Appliance.Contracts;
using Appliance.Crypto.Formats;
using Appliance.Crypto.SignIn;

namespace Appliance.Client.Sessions;

/// <summary>
/// Turns a set-up or invitation link into an account. Every key is made here; the server gets public halves, locked private ones
/// and verifiers. The recovery phrase exists nowhere else than in the result.
/// </summary>
public static class Activation
{
    /// <param name="domain">Set-up only, and only when the link leaves it open.</param>
    /// <param name="address">Only when the link leaves it open.</param>
    /// <exception cref="FormatException">Something is missing or contradicts the link; the message says what to do.</exception>
    public static async Task<Activated> CompleteAsync(
        ApplianceApi api, string token, string? domain, string? address, string password, TimeProvider time, CancellationToken cancellation)
    {
        if (NewPassword.WhatIsWrongWith(password) is { } wrong)
            throw new FormatException(wrong);
        var link = await api.LookUpActivationAsync(new ActivationLookupRequest(token), cancellation);
        if (!ObjectId.TryParse(link.AccountId, out var account) || !ObjectId.TryParse(link.MailboxId, out var mailbox))
            throw new FormatException("The server's answer about this link is malformed. Check that both programs are up to date.");
        var chosen = Choose(link.Address, address, "address", "--address");
        var hosted = link.Domain ?? domain ?? chosen[(chosen.LastIndexOf('@') + 1)..];
        if (domain is not null && link.Domain is not null && !Same(domain, link.Domain))
            throw new FormatException($"This link is for the domain {link.Domain}; leave --domain out.");

        var (request, activated) = Make(token, AccountId.From(account), MailboxId.From(mailbox), hosted, chosen, password, time.GetUtcNow());
        try
        {
            await api.CompleteActivationAsync(request, cancellation);
            return activated;
        }
        catch
        {
            activated.Master.Dispose();
            throw;
        }
    }

    private static (ActivationRequest, Activated) Make(
        string token, AccountId account, MailboxId mailbox, string domain, string address, string password, DateTimeOffset now)
    {
        var master = MasterKey.Generate();
        var phrase = RecoveryPhrase.Generate();
        var keys = NewAccountKeys.Make(master, account, mailbox, address, now);
        var request = new ActivationRequest(
            token, domain, address,
            [MakeSlot("password", KeySlotKind.Password, password, account, master), MakeSlot("phrase", KeySlotKind.Phrase, phrase, account, master)],
            new NewUserKey(keys.UserKey.PublicKey, keys.UserKey.PrivateKey, keys.UserKeyWrap),
            new NewAddressKey(keys.AddressKey.PublicKey, keys.AddressKey.PrivateKey, keys.AddressKeyPassphrase),
            keys.MailboxKey);
        return (request, new Activated(account, address, keys.AddressKey.Fingerprint, phrase, master));
    }

    private static NewSlot MakeSlot(string kind, KeySlotKind kindCode, string secret, AccountId account, MasterKey master)
    {
        var parameters = KdfParameters.Default;
        using var keys = PasswordKeys.Derive(secret, account, SlotId.From(ObjectId.New()), parameters, PasswordKeys.NewSalt());
        return new NewSlot(
            keys.Slot.ToString(), kind,
            new KdfSettings(KdfParameters.Argon2id, parameters.MemoryKiB, parameters.Passes, parameters.Lanes, keys.Salt),
            SrpClient.MakeVerifier(keys).ToString(), KeySlot.Wrap(master, kindCode, keys));
    }

    private static string Choose(string? fixedByLink, string? given, string what, string option)
    {
        if (fixedByLink is null)
            return given ?? throw new FormatException($"This link leaves the {what} open. Say which with {option}.");
        return given is null || Same(given, fixedByLink)
            ? fixedByLink
            : throw new FormatException($"This link is for {fixedByLink}; leave {option} out.");
    }

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}

/// <summary>A new account, signed in.</summary>
/// <param name="Fingerprint">Of the address key.</param>
/// <param name="Phrase">Twelve words to write down; nobody else has them.</param>
public sealed record Activated(AccountId Account, string Address, string Fingerprint, string Phrase, MasterKey Master);
