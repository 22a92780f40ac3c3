using System.Security.Cryptography;

namespace Appliance.Client.Opening;

/// <summary>The AES-256 key of one body or slip, recovered from its key packet; cleared when disposed.</summary>
public sealed class SessionKey : IDisposable
{
    private readonly byte[] _bytes;

    /// <param name="bytes">Taken over, and cleared on disposal.</param>
    internal SessionKey(byte[] bytes) => _bytes = bytes;

    internal ReadOnlySpan<byte> Bytes => _bytes;

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);
}
