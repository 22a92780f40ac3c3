using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Appliance.Client.Export;
using Appliance.Client.Opening;
using Appliance.Crypto.Formats;

namespace Appliance.Client.Keys;

/// <summary>
/// All keys of a new account (docs/formats.md, "Account keys"): its own, its first address's, its mailbox's. Everything in it may go to
/// the server: what is private is locked, wrapped or sealed.
/// </summary>
/// <param name="UserKeyWrap">The user key's passphrase under the master key.</param>
/// <param name="AddressKeyPassphrase">The address key's passphrase, sealed to the user key.</param>
/// <param name="MailboxKey">The mailbox key, sealed to the user key.</param>
public sealed record NewAccountKeys(LockedKey UserKey, byte[] UserKeyWrap, LockedKey AddressKey, byte[] AddressKeyPassphrase, byte[] MailboxKey)
{
    public static NewAccountKeys Make(MasterKey master, AccountId account, MailboxId mailbox, string address, DateTimeOffset now)
    {
        var userPassphrase = Passphrase.Generate();
        var userKey = LockedKey.Generate($"{account}@account.invalid", userPassphrase, now);
        var user = UnlockedKey.Unlock(userKey.PrivateKey, userPassphrase);
        var addressPassphrase = Passphrase.Generate();
        return new NewAccountKeys(
            userKey,
            Passphrase.Wrap(userPassphrase, master, account, userKey.Fingerprint),
            LockedKey.Generate($"<{address}>", addressPassphrase, now),
            user.SealToSelf(Encoding.ASCII.GetBytes(addressPassphrase), now),
            user.SealToSelf(MailboxSecret.New(mailbox).ToJson(), now));
    }
}

/// <summary>Opens an account's keys, one from the other: master key → user key → address keys and mailbox keys.</summary>
public sealed class UnlockedAccount
{
    private readonly UnlockedKey _user;

    private UnlockedAccount(UnlockedKey user) => _user = user;

    public string Fingerprint => _user.Fingerprint;

    /// <param name="fingerprint">Of the user key as the server names it; it is bound into the wrap, and checked.</param>
    /// <exception cref="FormatException">The parts do not belong together, or are of an unknown version.</exception>
    public static UnlockedAccount Unlock(MasterKey master, AccountId account, string fingerprint, byte[] lockedUserKey, byte[] wrappedPassphrase)
    {
        var key = UnlockedKey.Unlock(lockedUserKey, Passphrase.Unwrap(wrappedPassphrase, master, account, fingerprint));
        return key.Fingerprint == fingerprint
            ? new UnlockedAccount(key)
            : throw new FormatException("The server sent another user key than the one this account was made with.");
    }

    /// <exception cref="SealBrokenException">The passphrase was not sealed by this account, or is damaged.</exception>
    /// <exception cref="FormatException">The passphrase is not this key's.</exception>
    public UnlockedKey UnlockAddressKey(byte[] lockedKey, byte[] sealedPassphrase) =>
        UnlockedKey.Unlock(lockedKey, Encoding.ASCII.GetString(_user.OpenOwn(sealedPassphrase)));

    /// <summary>An address key for another OpenPGP program: a copy locked by a person's passphrase.</summary>
    /// <exception cref="SealBrokenException">The passphrase was not sealed by this account, or is damaged.</exception>
    /// <exception cref="FormatException">The passphrase is not this key's, or the key is not locked as ours are.</exception>
    public byte[] ExportAddressKey(byte[] lockedKey, byte[] sealedPassphrase, string newPassphrase) =>
        ExportedKey.Relock(lockedKey, Encoding.ASCII.GetString(_user.OpenOwn(sealedPassphrase)), newPassphrase);

    /// <summary>The 32 bytes under which a mailbox's own secrets, such as folder names, are kept.</summary>
    /// <exception cref="SealBrokenException">Damaged, or not sealed by this account.</exception>
    /// <exception cref="FormatException">Of an unknown version, or of another mailbox.</exception>
    public byte[] OpenMailboxKey(MailboxId mailbox, byte[] sealedKey)
    {
        var secret = MailboxSecret.FromJson(_user.OpenOwn(sealedKey));
        return secret.MailboxId == mailbox.ToString()
            ? secret.Key
            : throw new FormatException("The server sent the key of another mailbox.");
    }

    /// <summary>Seals a passphrase or another secret to the account, signed by it.</summary>
    public byte[] Seal(ReadOnlySpan<byte> secret, DateTimeOffset now) => _user.SealToSelf(secret, now);
}

/// <summary>What the sealed mailbox key says.</summary>
internal sealed record MailboxSecret
{
    public const int CurrentVersion = 1;
    public const int KeyLength = 32;

    [JsonPropertyName("v")]
    public required int Version { get; init; }

    public required string MailboxId { get; init; }

    public required int Generation { get; init; }

    public required byte[] Key { get; init; }

    public static MailboxSecret New(MailboxId mailbox) => new()
    {
        Version = CurrentVersion,
        MailboxId = mailbox.ToString(),
        Generation = 1,
        Key = RandomNumberGenerator.GetBytes(KeyLength),
    };

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, MailboxSecretJson.Default.MailboxSecret);

    public static MailboxSecret FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, MailboxSecretJson.Default.MailboxSecret) switch
            {
                { Version: not CurrentVersion } other =>
                    throw new FormatException($"The mailbox key has version {other.Version}, which is not known to this program; update it."),
                { Key.Length: KeyLength } secret => secret,
                _ => throw new FormatException("The mailbox key is not one."),
            };
        }
        catch (JsonException exception)
        {
            throw new FormatException("The mailbox key is not one.", exception);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MailboxSecret))]
internal sealed partial class MailboxSecretJson : JsonSerializerContext;
