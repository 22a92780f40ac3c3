using System.Text;
using Appliance.Crypto.Keys;

namespace Appliance.Crypto.Tests;

/// <summary>The keys in <c>fixtures</c>, made by GnuPG.</summary>
internal static class Fixtures
{
    /// <summary>After the keys were made.</summary>
    public static readonly DateTimeOffset Now = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly string[] GoodKeys = ["rsa2048", "rsa3072", "p256", "p384", "p521", "cv25519"];

    public static byte[] PublicKey(string name) => Encoding.ASCII.GetBytes(File.ReadAllText(Find($"{name}.public.asc")));

    public static string PrivateKeyFile(string name) => Find($"{name}.private.asc");

    public static RecipientKey Recipient(string name) => RecipientKey.Read(PublicKey(name), Now).Key!;

    private static string Find(string file) => Path.Combine(AppContext.BaseDirectory, "fixtures", file);
}
