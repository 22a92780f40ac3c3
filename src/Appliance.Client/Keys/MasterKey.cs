using System.Security.Cryptography;

namespace Appliance.Client.Keys;

/// <summary>The 32 random bytes from which an account unlocks. Kept only wrapped, in slots; cleared when disposed.</summary>
public sealed class MasterKey : IDisposable
{
    public const int Length = 32;
    private readonly byte[] _bytes;

    /// <param name="bytes">Taken over, and cleared on disposal.</param>
    internal MasterKey(byte[] bytes) => _bytes = bytes;

    internal ReadOnlySpan<byte> Bytes => _bytes;

    public static MasterKey Generate() => new(RandomNumberGenerator.GetBytes(Length));

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);
}
