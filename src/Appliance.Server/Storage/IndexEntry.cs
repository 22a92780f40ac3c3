namespace Appliance.Server.Storage;

/// <summary>
/// What an index holds for a row: its value, then its key, so that rows of equal value have an order. In the value 00
/// becomes 00 FF and 00 00 ends it, which keeps <c>memcmp</c> order whatever the lengths.
/// </summary>
internal static class IndexEntry
{
    public static byte[] Of(ReadOnlySpan<byte> value, ReadOnlySpan<byte> key) => Encode(value, 0, key);

    /// <summary>Not above any entry of <paramref name="value"/>.</summary>
    public static byte[] First(ReadOnlySpan<byte> value) => Encode(value, 0, []);

    /// <summary>Above every entry of <paramref name="value"/> and below those of greater values.</summary>
    public static byte[] Last(ReadOnlySpan<byte> value) => Encode(value, 1, []);

    /// <summary>The key of the row that an entry belongs to.</summary>
    public static byte[] KeyOf(ReadOnlySpan<byte> entry)
    {
        var at = 0;
        while (at + 1 < entry.Length && (entry[at] != 0 || entry[at + 1] != 0))
            at += entry[at] == 0 ? 2 : 1;
        return entry[Math.Min(at + 2, entry.Length)..].ToArray();
    }

    /// <summary>The value that an entry indexes.</summary>
    public static byte[] ValueOf(ReadOnlySpan<byte> entry)
    {
        var value = new List<byte>(entry.Length);
        for (var at = 0; at + 1 < entry.Length && (entry[at] != 0 || entry[at + 1] != 0); at += entry[at] == 0 ? 2 : 1)
            value.Add(entry[at]);
        return [.. value];
    }

    private static byte[] Encode(ReadOnlySpan<byte> value, byte end, ReadOnlySpan<byte> key)
    {
        var entry = new byte[value.Length + value.Count((byte)0) + 2 + key.Length];
        var at = 0;
        foreach (var b in value)
        {
            entry[at++] = b;
            if (b == 0)
                entry[at++] = 0xFF;
        }
        entry[at + 1] = end;
        key.CopyTo(entry.AsSpan(at + 2));
        return entry;
    }
}
