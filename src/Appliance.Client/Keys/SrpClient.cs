using System.Security.Cryptography;
using System.Text;
using Appliance.Crypto.SignIn;
using Org.BouncyCastle.Crypto.Agreement.Srp;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;

namespace Appliance.Client.Keys;

/// <summary>
/// The client's half of one SRP-6a sign-in (RFC 5054; docs/formats.md, "Sign-in"). Neither side learns the password; each proves itself to the other. Refuses B ≡ 0 mod N.
/// </summary>
public sealed class SrpClient
{
    private static readonly BigInteger N = SrpNumbers.Group.N;
    private static readonly BigInteger G = SrpNumbers.Group.G;
    private readonly BigInteger _a;
    private readonly BigInteger _public;
    private readonly BigInteger _x;
    private BigInteger? _serverProof;

    public SrpClient(PasswordKeys keys)
        : this(keys, Srp6Utilities.GeneratePrivateValue(new Sha256Digest(), N, G, new SecureRandom()))
    {
    }

    /// <summary>With a private value that is given: for test vectors.</summary>
    internal SrpClient(PasswordKeys keys, BigInteger a)
    {
        _a = a;
        _public = G.ModPow(a, N);
        _x = PrivateKey(keys);
    }

    /// <summary>SRP A, lower-case hexadecimal.</summary>
    public string PublicValue => SrpNumbers.ToHex(_public);

    /// <summary>What the server keeps to check sign-ins with.</summary>
    public static SrpVerifier MakeVerifier(PasswordKeys keys) => SrpVerifier.Of(G.ModPow(PrivateKey(keys), N));

    /// <summary>M1, the proof that we know the password.</summary>
    /// <exception cref="FormatException">The server's value is not one that may be answered.</exception>
    public string Answer(string serverPublic)
    {
        if (!SrpNumbers.TryParse(serverPublic, out var b) || b.Mod(N).SignValue == 0)
            throw new FormatException("The server's sign-in value is not valid. Do not enter your password there again until its operator has explained why.");
        var u = Srp6Utilities.CalculateU(new Sha256Digest(), N, _public, b);
        if (u.SignValue == 0)
            throw new FormatException("The server's sign-in value is not valid. Try again.");
        var k = Srp6Utilities.CalculateK(new Sha256Digest(), N, G);
        // S = (B - k·g^x) ^ (a + u·x)
        var secret = b.Subtract(k.Multiply(G.ModPow(_x, N))).Mod(N).ModPow(_a.Add(u.Multiply(_x)), N);
        var proof = Srp6Utilities.CalculateM1(new Sha256Digest(), N, _public, b, secret);
        _serverProof = Srp6Utilities.CalculateM2(new Sha256Digest(), N, _public, proof, secret);
        return SrpNumbers.ToHex(proof);
    }

    /// <summary>Whether the server, too, knows the verifier. When not, nothing it sent may be trusted.</summary>
    public bool IsServerProved(string? serverProof) =>
        _serverProof is { } expected
        && SrpNumbers.TryParse(serverProof, out var claimed)
        && CryptographicOperations.FixedTimeEquals(SrpNumbers.Pad(expected), SrpNumbers.Pad(claimed));

    private static BigInteger PrivateKey(PasswordKeys keys) =>
        Srp6Utilities.CalculateX(new Sha256Digest(), N, keys.Salt, Encoding.ASCII.GetBytes(keys.Account.ToString()), keys.Srp);
}
