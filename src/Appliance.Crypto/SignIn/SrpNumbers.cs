using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Utilities;

namespace Appliance.Crypto.SignIn;

/// <summary>The group of SRP sign-in (RFC 5054 appendix A, 3072 bits, g = 5) and how its numbers travel.</summary>
internal static class SrpNumbers
{
    public const int ByteLength = 384;

    private static readonly SearchValues<char> LowerCaseHex = SearchValues.Create("0123456789abcdef");

    public static readonly Srp6GroupParameters Group = new(Srp6StandardGroups.rfc5054_3072.N, Srp6StandardGroups.rfc5054_3072.G);

    /// <summary>Lower-case hexadecimal without leading zeros, as every SRP number travels.</summary>
    public static string ToHex(BigInteger number) => number.ToString(16);

    /// <summary>Reads at most 768 lower-case hexadecimal digits.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out BigInteger? number)
    {
        number = null;
        if (text is not { Length: > 0 and <= ByteLength * 2 } || text.AsSpan().ContainsAnyExcept(LowerCaseHex))
            return false;
        number = new BigInteger(text, 16);
        return true;
    }

    public static byte[] Pad(BigInteger number) => BigIntegers.AsUnsignedByteArray(ByteLength, number);
}
