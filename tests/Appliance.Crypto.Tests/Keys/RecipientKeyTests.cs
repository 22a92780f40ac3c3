using System.Text;
using Appliance.Crypto.Keys;
using CsCheck;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Appliance.Crypto.Tests.Keys;

public sealed class RecipientKeyTests
{
    [Theory]
    [InlineData("rsa2048", "v4-rsa-aes256")]
    [InlineData("rsa3072", "v4-rsa-aes256")]
    [InlineData("p256", "v4-ecdh-aes256")]
    [InlineData("p384", "v4-ecdh-aes256")]
    [InlineData("p521", "v4-ecdh-aes256")]
    [InlineData("cv25519", "v4-ecdh-aes256")]
    public void Takes_keys_that_GnuPG_made(string name, string suite)
    {
        var reading = RecipientKey.Read(Fixtures.PublicKey(name), Fixtures.Now);

        Assert.Equal(KeyFault.None, reading.Fault);
        Assert.Equal(suite, reading.Key!.Suite);
        Assert.Equal([$"{name}@example.org"], reading.Key.UserIds);
        Assert.Equal(40, reading.Key.Fingerprint.Length);
        Assert.NotEqual(reading.Key.Fingerprint, reading.Key.EncryptionFingerprint);
    }

    [Theory]
    [InlineData("rsa1024", KeyFault.TooWeak)]
    [InlineData("dsa", KeyFault.UnsupportedAlgorithm)]
    [InlineData("sign-only", KeyFault.NoEncryptionKey)]
    [InlineData("expired", KeyFault.Expired)]
    [InlineData("expired-subkey", KeyFault.Expired)]
    [InlineData("revoked", KeyFault.Revoked)]
    [InlineData("revoked-subkey", KeyFault.Revoked)]
    public void Refuses_what_must_not_be_sealed_to(string name, KeyFault fault)
    {
        var reading = RecipientKey.Read(Fixtures.PublicKey(name), Fixtures.Now);

        Assert.Equal(fault, reading.Fault);
        Assert.False(reading.IsUsable);
        Assert.EndsWith(".", reading.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_private_key() =>
        Assert.Equal(KeyFault.SecretKey, RecipientKey.Read(File.ReadAllBytes(Fixtures.PrivateKeyFile("cv25519")), Fixtures.Now).Fault);

    [Fact]
    public void Looks_at_expiry_at_the_given_time()
    {
        var key = RecipientKey.Read(Fixtures.PublicKey("expired"), new DateTimeOffset(2020, 6, 1, 0, 0, 0, TimeSpan.Zero)).Key!;

        Assert.True(key.IsUsableAt(new DateTimeOffset(2020, 12, 30, 0, 0, 0, TimeSpan.Zero)));
        Assert.False(key.IsUsableAt(new DateTimeOffset(2021, 1, 2, 0, 0, 0, TimeSpan.Zero)));
        Assert.False(key.IsUsableAt(new DateTimeOffset(2019, 12, 1, 0, 0, 0, TimeSpan.Zero)));
    }

    [Fact]
    public void Refuses_a_key_from_the_future() =>
        Assert.NotEqual(KeyFault.None, RecipientKey.Read(Fixtures.PublicKey("cv25519"), new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)).Fault);

    [Theory]
    [InlineData("cv25519")]
    [InlineData("rsa2048")]
    [InlineData("p256")]
    public void Refuses_a_changed_binding_signature(string name)
    {
        var bytes = Binary(Fixtures.PublicKey(name));
        bytes[^1] ^= 1; // the last octet belongs to the binding signature

        Assert.Equal(KeyFault.BadBindingSignature, RecipientKey.Read(bytes, Fixtures.Now).Fault);
    }

    [Fact]
    public void Refuses_a_subkey_that_was_bound_to_another_key()
    {
        var victim = Ring("sign-only");
        var attacker = Ring("cv25519").GetPublicKeys().Single(key => !key.IsMasterKey);

        var grafted = PgpPublicKeyRing.InsertPublicKey(victim, attacker);

        Assert.Equal(KeyFault.BadBindingSignature, RecipientKey.Read(grafted.GetEncoded(), Fixtures.Now).Fault);
    }

    [Fact]
    public void Refuses_a_key_without_its_self_signature()
    {
        var primary = Ring("cv25519").GetPublicKey();
        var bare = PgpPublicKey.RemoveCertification(primary, primary.GetUserIds().Single());
        var ring = PgpPublicKeyRing.InsertPublicKey(Ring("cv25519"), bare);

        Assert.Equal(KeyFault.BadSelfSignature, RecipientKey.Read(ring.GetEncoded(), Fixtures.Now).Fault);
    }

    [Fact]
    public void Refuses_two_keys_at_once() => Assert.Equal(
        KeyFault.NotAPublicKey,
        RecipientKey.Read([.. Binary(Fixtures.PublicKey("cv25519")), .. Binary(Fixtures.PublicKey("p256"))], Fixtures.Now).Fault);

    [Fact]
    public void Refuses_what_is_too_large() =>
        Assert.Equal(KeyFault.TooLarge, RecipientKey.Read(new byte[RecipientKey.LongestKey + 1], Fixtures.Now).Fault);

    [Fact]
    public void Arbitrary_bytes_are_an_answer_and_not_an_exception() =>
        Gen.Byte.Array[0, 300].Sample(bytes => !RecipientKey.Read(bytes, Fixtures.Now).IsUsable, iter: 2_000);

    [Fact]
    public void A_key_with_one_flipped_bit_is_the_same_key_or_none()
    {
        var bytes = Binary(Fixtures.PublicKey("cv25519"));
        var original = Fixtures.Recipient("cv25519");
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var changed = (byte[])bytes.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            if (RecipientKey.Read(changed, Fixtures.Now).Key is { } key)
                Assert.Equal((original.Fingerprint, original.EncryptionFingerprint), (key.Fingerprint, key.EncryptionFingerprint));
        }
    }

    [Fact]
    public void Armor_is_read_back()
    {
        var armored = Encoding.ASCII.GetBytes(Armor.Encode(Binary(Fixtures.PublicKey("p256"))));

        Assert.Equal(Fixtures.Recipient("p256").Fingerprint, RecipientKey.Read(armored, Fixtures.Now).Key!.Fingerprint);
    }

    private static PgpPublicKeyRing Ring(string name) => new(Binary(Fixtures.PublicKey(name)));

    private static byte[] Binary(byte[] armored)
    {
        using var decoded = PgpUtilities.GetDecoderStream(new MemoryStream(armored));
        using var bytes = new MemoryStream();
        decoded.CopyTo(bytes);
        return bytes.ToArray();
    }
}
