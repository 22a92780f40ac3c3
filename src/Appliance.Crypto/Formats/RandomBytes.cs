using System.Security.Cryptography;

namespace Appliance.Crypto.Formats;

/// <summary>
/// Random bytes for keys, nonces and ids, from the system's generator. OpenSSL's takes as long for a few bytes as for some hundred, and a message needs
/// fifteen times a few: so each thread draws some in advance, and wipes what it hands out.
/// </summary>
public static class RandomBytes
{
    private const int DrawnAtOnce = 512;
    private const int Few = 64;

    [ThreadStatic]
    private static byte[]? _drawn;

    [ThreadStatic]
    private static int _left; // at the end of them

    public static byte[] Get(int length)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(length);
        Fill(bytes);
        return bytes;
    }

    public static void Fill(Span<byte> bytes)
    {
        if (bytes.Length > Few)
        {
            RandomNumberGenerator.Fill(bytes);
            return;
        }
        _drawn ??= new byte[DrawnAtOnce];
        if (_left < bytes.Length)
        {
            RandomNumberGenerator.Fill(_drawn);
            _left = DrawnAtOnce;
        }
        var taken = _drawn.AsSpan(DrawnAtOnce - _left, bytes.Length);
        _left -= bytes.Length;
        taken.CopyTo(bytes);
        CryptographicOperations.ZeroMemory(taken);
    }
}
