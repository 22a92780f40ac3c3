using System.Text;
using System.Text.Json;
using Appliance.Crypto.Keys;
using Appliance.Crypto.Sealing;
using Org.BouncyCastle.Bcpg;

namespace Appliance.Fuzz;

/// <summary>Well-formed values of every format: the test vectors, the messages of the corpus, keys that GnuPG made.</summary>
internal static class Seeds
{
    private const int LongestSeed = 20_000;

    public static IEnumerable<byte[]> Messages() => Files("corpus", "*.eml");

    /// <summary>Armored, and without the armor: a changed byte under armor fails at its checksum.</summary>
    public static IEnumerable<byte[]> Keys() => Files("fixtures", "*.asc").SelectMany(armored => new[] { armored, Dearmored(armored) });

    public static IEnumerable<byte[]> PrivateKeys() => Files("fixtures", "*.private.asc");

    /// <summary>One for every fixture that can be sealed to.</summary>
    public static IEnumerable<byte[]> KeyPackets(DateTimeOffset now)
    {
        using var sessionKey = new BodySessionKey();
        foreach (var file in Files("fixtures", "*.public.asc"))
            if (RecipientKey.Read(file, now).Key is { } key)
                yield return sessionKey.WrapFor(key).Packet;
    }

    /// <summary>Every string of the vectors: hexadecimal as the bytes it stands for, all else as text.</summary>
    public static IEnumerable<byte[]> Vectors() => Files("vectors", "*.json")
        .SelectMany(Strings)
        .Distinct()
        .Select(text => IsHex(text) ? Convert.FromHexString(text) : Encoding.UTF8.GetBytes(text))
        .Where(seed => seed.Length <= LongestSeed);

    private static bool IsHex(string text) => text.Length % 2 == 0 && text.All(char.IsAsciiHexDigitLower);

    private static List<string> Strings(byte[] json)
    {
        var found = new List<string>();
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
            if (reader.TokenType == JsonTokenType.String)
                found.Add(reader.GetString()!);
        return found;
    }

    private static byte[] Dearmored(byte[] armored)
    {
        using var packets = new MemoryStream();
        using var input = new ArmoredInputStream(new MemoryStream(armored));
        input.CopyTo(packets);
        return packets.ToArray();
    }

    private static IEnumerable<byte[]> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, folder), pattern).Order().Select(File.ReadAllBytes);
}
