using System.Diagnostics.CodeAnalysis;

namespace Appliance.Crypto.Keys;

/// <summary>Why a key may not be sealed to.</summary>
public enum KeyFault
{
    None,
    NotAPublicKey,
    SecretKey,
    TooLarge,
    UnsupportedAlgorithm,
    TooWeak,
    BadSelfSignature,
    BadBindingSignature,
    NoEncryptionKey,
    NotYetValid,
    Expired,
    Revoked,
}

/// <summary>What <see cref="RecipientKey.Read"/> found: a usable key, or the reason there is none.</summary>
public readonly record struct KeyReading(RecipientKey? Key, KeyFault Fault)
{
    [MemberNotNullWhen(true, nameof(Key))]
    public bool IsUsable => Key is not null;

    /// <summary>One sentence for the person who offered the key: what is wrong and what to do.</summary>
    public string Explanation => Fault switch
    {
        KeyFault.None => "The key can be used.",
        KeyFault.SecretKey => "This is a private key. Keep it to yourself and export the public key instead.",
        KeyFault.TooLarge => $"The key is larger than {RecipientKey.LongestKey / 1024} KiB. Export it with fewer signatures (gpg: export-minimal).",
        KeyFault.UnsupportedAlgorithm => "The key's algorithm is not supported. Use RSA, NIST P-256, P-384, P-521, or Ed25519 with Curve25519.",
        KeyFault.TooWeak => $"An RSA key needs {RecipientKey.LeastRsaBits} bits or more. Make a longer key.",
        KeyFault.BadSelfSignature => "No valid signature of the key on itself was found. Export it again.",
        KeyFault.BadBindingSignature => "The signature that binds the encryption subkey is not valid. Export the key again.",
        KeyFault.NoEncryptionKey => "The key has no subkey for encryption. Add one and export it again.",
        KeyFault.NotYetValid => "The key was made in the future. Check the clocks of both computers.",
        KeyFault.Expired => "The key has expired. Extend it and export it again.",
        KeyFault.Revoked => "The key was revoked. Offer another one.",
        _ => "This is not an OpenPGP public key. Export exactly one public key.",
    };
}
