using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Appliance.Crypto.Formats;

namespace Appliance.Crypto.Sealing;

/// <summary>
/// X25519 (RFC 7748 §5) by libsodium, for keys that live for one message. NSec keeps each key in guarded pages of its own, whose mapping
/// and unmapping cost four times what the multiplication does and interrupt every other thread.
/// </summary>
internal static class X25519
{
    public const int Length = 32;

    static X25519()
    {
        if (sodium_init() < 0)
            throw new CryptographicException("libsodium does not start.");
    }

    /// <summary>A new key pair's public point and what it shares with <paramref name="recipient"/>; the private half is gone when this returns.</summary>
    /// <exception cref="CryptographicException">The recipient's point has a small order.</exception>
    public static void AgreeOnce(ReadOnlySpan<byte> recipient, Span<byte> point, Span<byte> shared)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(recipient.Length, Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(point.Length, Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(shared.Length, Length);
        Span<byte> scalar = stackalloc byte[Length];
        RandomBytes.Fill(scalar);
        ref var secret = ref MemoryMarshal.GetReference(scalar);
        var made = crypto_scalarmult_curve25519_base(ref MemoryMarshal.GetReference(point), ref secret);
        var agreed = crypto_scalarmult_curve25519(ref MemoryMarshal.GetReference(shared), ref secret, ref MemoryMarshal.GetReference(recipient));
        CryptographicOperations.ZeroMemory(scalar);
        if (made != 0 || agreed != 0)
            throw new CryptographicException("The recipient's Curve25519 point has a small order.");
    }

    [DllImport("libsodium"), DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern int sodium_init();

    [DllImport("libsodium"), DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern int crypto_scalarmult_curve25519_base(ref byte point, ref byte scalar);

    [DllImport("libsodium"), DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern int crypto_scalarmult_curve25519(ref byte shared, ref byte scalar, ref byte point);
}
