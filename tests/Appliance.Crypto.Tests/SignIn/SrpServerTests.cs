using System.Security.Cryptography;
using Appliance.Crypto.SignIn;
using Org.BouncyCastle.Math;

namespace Appliance.Crypto.Tests.SignIn;

public sealed class SrpServerTests
{
    private static readonly string N = SrpNumbers.Group.N.ToString(16);

    // Sign-ins that succeed are in the client's tests, which has the other half.
    [Fact]
    public void Refuses_an_A_that_is_zero_modulo_N()
    {
        foreach (var a in new[] { "0", N, SrpNumbers.Group.N.Multiply(BigInteger.Two).ToString(16) })
        {
            var server = SrpServer.Start(Decoy());
            Assert.False(server.TryVerify(a, "1", out var proof));
            Assert.Null(proof);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("AB")]
    [InlineData("0x1")]
    public void Refuses_what_is_not_lower_case_hexadecimal(string? text)
    {
        Assert.False(SrpServer.Start(Decoy()).TryVerify(text, "1", out _));
        Assert.False(SrpServer.Start(Decoy()).TryVerify("2", text, out _));
        Assert.Null(SrpVerifier.Parse(text));
    }

    [Fact]
    public void Refuses_a_verifier_that_would_let_anybody_in()
    {
        Assert.Null(SrpVerifier.Parse("0"));
        Assert.Null(SrpVerifier.Parse("1"));
        Assert.Null(SrpVerifier.Parse(N));
        Assert.NotNull(SrpVerifier.Parse("2"));
    }

    [Fact]
    public void A_verifier_is_kept_as_384_bytes()
    {
        var verifier = SrpVerifier.Parse("abc123")!;

        Assert.Equal(384, verifier.ToBytes().Length);
        Assert.Equal("abc123", SrpVerifier.FromBytes(verifier.ToBytes()).ToString());
    }

    private static SrpVerifier Decoy() => SrpVerifier.FromBytes(RandomNumberGenerator.GetBytes(SrpVerifier.ByteLength));
}
