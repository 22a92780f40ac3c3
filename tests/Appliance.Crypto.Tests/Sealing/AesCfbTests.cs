using System.Security.Cryptography;
using Appliance.Crypto.Sealing;

namespace Appliance.Crypto.Tests.Sealing;

public sealed class AesCfbTests
{
    private static readonly int[] Lengths = [0, 1, 15, 16, 17, 31, 32, 33, 64, 255, 256, 257, 4096, 10_007];

    /// <summary>SP 800-38A F.3.17, CFB128-AES256.Encrypt: its IV is encrypted zeros plus a first block, so that ours, which is zeros, comes to it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Encrypts_as_NIST_does(bool withInstructions)
    {
        var key = Convert.FromHexString("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
        var initial = Convert.FromHexString("000102030405060708090a0b0c0d0e0f");
        var plain = Convert.FromHexString(
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
        var sealedText = Convert.FromHexString(
            "dc7e84bfda79164b7ecd8486985d386039ffed143b28b1c832113c6331e5407bdf10132415e54b92a13ed0a8267ae2f975a385741ab9cef82031623d55b1e471");
        using var aes = Aes.Create();
        aes.SetKey(key);
        var first = aes.EncryptEcb(new byte[16], PaddingMode.None).Zip(initial, (a, b) => (byte)(a ^ b));
        byte[] text = [.. first, .. plain];

        AesCfb.Encrypt(key, text, withInstructions);

        Assert.Equal([.. initial, .. sealedText], text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Encrypts_texts_of_any_length_as_NET_does(bool withInstructions)
    {
        foreach (var length in Lengths)
        {
            var key = RandomNumberGenerator.GetBytes(32);
            var text = RandomNumberGenerator.GetBytes(length);
            var expected = Expected(key, text);

            AesCfb.Encrypt(key, text, withInstructions);

            Assert.Equal(expected, text);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Encrypts_four_in_step_as_each_alone(bool withInstructions)
    {
        var key = RandomNumberGenerator.GetBytes(32);
        for (var i = 0; i < Lengths.Length; i++)
        {
            var texts = new[] { 0, 3, 5, 6 }.Select(next => RandomNumberGenerator.GetBytes(Lengths[(i + next) % Lengths.Length])).ToList();
            var expected = texts.ConvertAll(text => Expected(key, text));

            AesCfb.Encrypt(key, texts[0], texts[1], texts[2], texts[3], withInstructions);

            Assert.Equal(expected, texts);
        }
    }

    private static byte[] Expected(byte[] key, byte[] text)
    {
        using var aes = Aes.Create();
        aes.SetKey(key);
        var whole = new byte[(text.Length + 15) / 16 * 16];
        text.CopyTo(whole, 0);
        return aes.EncryptCfb(whole, new byte[16], PaddingMode.None, 128)[..text.Length];
    }
}
