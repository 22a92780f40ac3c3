using System.Security.Cryptography;
using System.Text;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;

namespace Appliance.Client.Keys;

/// <summary>
/// The random passphrase a private key is locked with: 32 bytes as 64 hexadecimal characters, which no person ever types. The user key's is wrapped
/// by the master key (93 bytes); every other one is sealed to the user key.
/// </summary>
public static class Passphrase
{
    public const int Length = 64;
    public const int WrapLength = SealedBytes.Overhead + Length;

    public static string Generate() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Length / 2));

    public static byte[] Wrap(string passphrase, MasterKey master, AccountId account, string fingerprint) =>
        Wrap(passphrase, master, account, fingerprint, RandomNumberGenerator.GetBytes(SealedBytes.NonceLength));

    /// <exception cref="FormatException">Not a wrapped passphrase, of another version, or of another account or key.</exception>
    public static string Unwrap(ReadOnlySpan<byte> wrap, MasterKey master, AccountId account, string fingerprint)
    {
        if (wrap.Length != WrapLength)
            throw new FormatException($"A wrapped passphrase has {WrapLength} bytes, this one {wrap.Length}.");
        try
        {
            return Encoding.ASCII.GetString(SealedBytes.Open(Key(master, account), wrap, AssociatedData(account, fingerprint), "wrapped passphrase"));
        }
        catch (AuthenticationTagMismatchException exception)
        {
            throw new FormatException("The user key's passphrase does not open with this account's master key.", exception);
        }
    }

    internal static byte[] Wrap(string passphrase, MasterKey master, AccountId account, string fingerprint, ReadOnlySpan<byte> nonce) =>
        SealedBytes.Seal(Key(master, account), Encoding.ASCII.GetBytes(passphrase), AssociatedData(account, fingerprint), nonce);

    private static byte[] Key(MasterKey master, AccountId account)
    {
        var key = new byte[SealedBytes.KeyLength];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, master.Bytes, key, salt: [], info: [.. "appliance/user-key/v1"u8, .. account.Value.ToBytes()]);
        return key;
    }

    private static byte[] AssociatedData(AccountId account, string fingerprint) =>
        [.. "appliance/user-key/v1"u8, .. account.Value.ToBytes(), .. Convert.FromHexString(fingerprint)];
}
