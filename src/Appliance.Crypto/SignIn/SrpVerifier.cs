using Org.BouncyCastle.Math;

namespace Appliance.Crypto.SignIn;

/// <summary>g^x mod N: lets the server check a sign-in without knowing the password. Kept as 384 bytes, sent as hexadecimal.</summary>
public sealed class SrpVerifier
{
    public const int ByteLength = SrpNumbers.ByteLength;

    private SrpVerifier(BigInteger value) => Value = value;

    internal BigInteger Value { get; }

    /// <summary>Any 384 bytes are a verifier, reduced into the group; so a decoy made of random bytes takes the same path.</summary>
    /// <exception cref="ArgumentException">Not 384 bytes.</exception>
    public static SrpVerifier FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length == ByteLength
            ? new SrpVerifier(new BigInteger(1, bytes).Mod(SrpNumbers.Group.N))
            : throw new ArgumentException($"A verifier is {ByteLength} bytes.", nameof(bytes));

    /// <summary>From a client; null when it is not a number 1 &lt; v &lt; N in lower-case hexadecimal.</summary>
    public static SrpVerifier? Parse(string? hex) =>
        SrpNumbers.TryParse(hex, out var value) && value.CompareTo(BigInteger.One) > 0 && value.CompareTo(SrpNumbers.Group.N) < 0
            ? new SrpVerifier(value)
            : null;

    internal static SrpVerifier Of(BigInteger value) => new(value);

    public byte[] ToBytes() => SrpNumbers.Pad(Value);

    public override string ToString() => SrpNumbers.ToHex(Value);
}
