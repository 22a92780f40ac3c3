using System.Text;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>
/// The keys of LiteDB's one table: <c>collection ‖ 00 ‖ key</c> for a row, <c>collection.index ‖ 00 ‖ entry</c> for its entry in an
/// index. Names are ASCII letters and digits, so each collection and each index is a stretch of its own. No leaf goes beyond one of them.
/// </summary>
internal static class TableKey
{
    public static string IndexName(string collection, string index) => $"{collection}.{index}";

    public static int PrefixLength(string name) => name.Length + 1;

    public static string NameIn(byte[] key) => Encoding.ASCII.GetString(key.AsSpan(0, key.AsSpan().IndexOf((byte)0)));

    public static byte[] Of(string name, ReadOnlySpan<byte> key)
    {
        var whole = new byte[PrefixLength(name) + key.Length];
        Encoding.ASCII.GetBytes(name, whole);
        key.CopyTo(whole.AsSpan(PrefixLength(name)));
        return whole;
    }

    /// <summary>Above every key of one collection or index, and below those of the next.</summary>
    public static byte[] End(string name) => [.. Encoding.ASCII.GetBytes(name), 1];
}
