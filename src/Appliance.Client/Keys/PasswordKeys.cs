using System.Security.Cryptography;
using System.Text;
using Appliance.Crypto.Formats;
using Appliance.Crypto.SignIn;
using NSec.Cryptography;

namespace Appliance.Client.Keys;

/// <summary>
/// The two keys that a password, or a recovery phrase, becomes (docs/formats.md, "Password to keys"; RFC 9106, RFC 5869): one proves
/// to the server that we know it, the other unwraps the master key. Neither can be had from the other. Refuses weak parameters,
/// because it is the server that names them.
/// </summary>
public sealed class PasswordKeys : IDisposable
{
    private const int KeyLength = 32;
    private readonly byte[] _srp;
    private readonly byte[] _wrap;

    private PasswordKeys(AccountId account, SlotId slot, KdfParameters parameters, byte[] salt, byte[] srp, byte[] wrap) =>
        (Account, Slot, Parameters, Salt, _srp, _wrap) = (account, slot, parameters, salt, srp, wrap);

    public AccountId Account { get; }

    public SlotId Slot { get; }

    public KdfParameters Parameters { get; }

    public byte[] Salt { get; }

    internal ReadOnlySpan<byte> Srp => _srp;

    internal ReadOnlySpan<byte> Wrap => _wrap;

    public static byte[] NewSalt() => RandomNumberGenerator.GetBytes(KdfParameters.SaltLength);

    /// <param name="secret">The password in any normalisation, or the phrase's words joined by spaces.</param>
    /// <exception cref="FormatException">The parameters are refused; the message says why.</exception>
    public static PasswordKeys Derive(string secret, AccountId account, SlotId slot, KdfParameters parameters, byte[] salt)
    {
        var wrong = KdfParameters.WhatIsWrongWith(KdfParameters.Argon2id, parameters.MemoryKiB, parameters.Passes, parameters.Lanes, salt.Length);
        if (wrong is not null)
            throw new FormatException(wrong);
        var bytes = Encoding.UTF8.GetBytes(secret.Normalize(NormalizationForm.FormC));
        var root = Root(bytes, parameters, salt);
        try
        {
            byte[] context = [.. account.Value.ToBytes(), .. slot.Value.ToBytes(), .. salt, .. parameters.ToBytes()];
            return new PasswordKeys(
                account, slot, parameters, salt,
                Expand(root, "appliance/srp/v1"u8, context),
                Expand(root, "appliance/wrap/v1"u8, context));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            CryptographicOperations.ZeroMemory(root);
        }
    }

    /// <summary>With keys that are given: for test vectors.</summary>
    internal static PasswordKeys Of(AccountId account, SlotId slot, KdfParameters parameters, byte[] salt, byte[] srp, byte[] wrap) =>
        new(account, slot, parameters, salt, srp, wrap);

    internal static byte[] Root(ReadOnlySpan<byte> secret, KdfParameters parameters, ReadOnlySpan<byte> salt)
    {
        var argon2 = PasswordBasedKeyDerivationAlgorithm.Argon2id(new Argon2Parameters
        {
            MemorySize = parameters.MemoryKiB,
            NumberOfPasses = parameters.Passes,
            DegreeOfParallelism = 1,
        });
        return argon2.DeriveBytes(secret, salt, KeyLength);
    }

    private static byte[] Expand(byte[] root, ReadOnlySpan<byte> label, byte[] context) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, root, KeyLength, info: [.. label, .. context]);

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_srp);
        CryptographicOperations.ZeroMemory(_wrap);
    }
}
