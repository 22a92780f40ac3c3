using System.Text;
using Org.BouncyCastle.Bcpg;

namespace Appliance.Crypto.Keys;

/// <summary>ASCII armor (RFC 4880 §6.2) for keys that people copy and other programs read.</summary>
public static class Armor
{
    public static string Encode(ReadOnlySpan<byte> packets)
    {
        using var text = new MemoryStream();
        using (var armored = new ArmoredOutputStream(text, addVersionHeader: false))
            armored.Write(packets);
        return Encoding.ASCII.GetString(text.ToArray());
    }
}
