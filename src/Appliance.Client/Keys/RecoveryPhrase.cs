using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Appliance.Client.Keys;

/// <summary>
/// Twelve words that stand for 128 random bits and a 4-bit checksum (BIP 39, English list). Written down by the member, they
/// unlock the account when the password is lost. Refuses unknown words and a wrong checksum, so a slip of the pen is noticed.
/// </summary>
public static class RecoveryPhrase
{
    public const int WordCount = 12;
    private const int EntropyLength = 16;
    private const int BitsPerWord = 11;
    private static readonly string[] Words = ReadWords();

    /// <summary>The words in lower case, joined by one space.</summary>
    public static string Generate() => FromEntropy(RandomNumberGenerator.GetBytes(EntropyLength));

    /// <summary>The phrase as <see cref="Generate"/> writes it; case and white space are forgiven. Null when it is not a phrase.</summary>
    public static string? Normalise(string text)
    {
        var words = text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != WordCount)
            return null;
        UInt128 entropy = 0;
        var checksum = 0;
        for (var i = 0; i < WordCount; i++)
        {
            var index = Array.BinarySearch(Words, words[i], StringComparer.Ordinal);
            if (index < 0)
                return null;
            if (i < WordCount - 1)
                entropy = (entropy << BitsPerWord) | (uint)index;
            else
                (entropy, checksum) = ((entropy << 7) | (uint)(index >> 4), index & 0xF);
        }
        Span<byte> bytes = stackalloc byte[EntropyLength];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, entropy);
        return Checksum(bytes) == checksum ? string.Join(' ', words) : null;
    }

    internal static string FromEntropy(ReadOnlySpan<byte> entropy)
    {
        var value = BinaryPrimitives.ReadUInt128BigEndian(entropy);
        var words = new string[WordCount];
        words[^1] = Words[(int)(((uint)(value & 0x7F) << 4) | (uint)Checksum(entropy))];
        value >>= 7;
        for (var i = WordCount - 2; i >= 0; i--, value >>= BitsPerWord)
            words[i] = Words[(int)(value & 0x7FF)];
        return string.Join(' ', words);
    }

    private static int Checksum(ReadOnlySpan<byte> entropy)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(entropy, hash);
        return hash[0] >> 4;
    }

    private static string[] ReadWords()
    {
        using var stream = typeof(RecoveryPhrase).Assembly.GetManifestResourceStream("bip39-english.txt")
            ?? throw new InvalidOperationException("The word list is missing from the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
