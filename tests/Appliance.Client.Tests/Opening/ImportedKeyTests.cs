using System.Buffers;
using System.Text;
using Appliance.Client.Keys;
using Appliance.Client.Opening;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Keys;
using Appliance.Crypto.Sealing;

namespace Appliance.Client.Tests.Opening;

/// <summary>Keys that GnuPG made open what was sealed to them.</summary>
public sealed class ImportedKeyTests
{
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("rsa2048")]
    [InlineData("rsa3072")]
    [InlineData("p256")]
    [InlineData("p384")]
    [InlineData("p521")]
    [InlineData("cv25519")]
    public void Opens_and_refuses_a_packet_for_another_key(string name)
    {
        using var bodyKey = new BodySessionKey();
        var packet = bodyKey.WrapFor(RecipientKey.Read(Fixture($"{name}.public.asc"), Now).Key!);
        var part = bodyKey.Seal(PartName.Summary, new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes("tea")));
        var key = UnlockedKey.Unlock(Fixture($"{name}.private.asc"), "");

        using var opened = key.OpenKeyPacket(packet.Packet);

        Assert.Equal("tea"u8, PartOpener.Open(opened, PartName.Summary, part));
        var other = UnlockedKey.Unlock(Fixture(name == "p256" ? "cv25519.private.asc" : "p256.private.asc"), "");
        Assert.Throws<SealBrokenException>(() => other.OpenKeyPacket(packet.Packet));
        for (var i = 0; i < packet.Packet.Length; i += 1 + (packet.Packet.Length / 100))
        {
            var changed = (byte[])packet.Packet.Clone();
            changed[i] ^= 0x10;
            Assert.Throws<SealBrokenException>(() => key.OpenKeyPacket(changed));
        }
    }

    private static byte[] Fixture(string file) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "fixtures", file));
}
