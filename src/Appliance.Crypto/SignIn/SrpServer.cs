using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Agreement.Srp;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;

namespace Appliance.Crypto.SignIn;

/// <summary>
/// The server's half of one SRP-6a sign-in (RFC 5054; docs/formats.md, "Sign-in"), by BouncyCastle's <see cref="Srp6Server"/>. It
/// is the state between start and finish: keep it in memory, use it for one finish. Refuses A ≡ 0 mod N and compares the proof in constant time.
/// </summary>
public sealed class SrpServer
{
    public const int VerifierLength = SrpVerifier.ByteLength;

    private readonly Srp6Server _server;
    private readonly BigInteger _public;
    private bool _used;

    private SrpServer(SrpVerifier verifier, Srp6Server server)
    {
        _server = server;
        _server.Init(SrpNumbers.Group, verifier.Value, new Sha256Digest(), new SecureRandom());
        _public = _server.GenerateServerCredentials();
    }

    /// <summary>SRP B, lower-case hexadecimal.</summary>
    public string PublicValue => SrpNumbers.ToHex(_public);

    public static SrpServer Start(SrpVerifier verifier) => new(verifier, new Srp6Server());

    /// <summary>With a private value that is given: for test vectors.</summary>
    internal static SrpServer Start(SrpVerifier verifier, BigInteger privateValue) => new(verifier, new FixedServer(privateValue));

    /// <summary>Checks the client's A and M1 and answers with M2, all lower-case hexadecimal. A second call fails.</summary>
    public bool TryVerify(string? clientPublic, string? clientProof, [NotNullWhen(true)] out string? serverProof)
    {
        serverProof = null;
        if (_used || !SrpNumbers.TryParse(clientPublic, out var a) || !SrpNumbers.TryParse(clientProof, out var claimed))
            return false;
        _used = true;
        BigInteger secret;
        try
        {
            secret = _server.CalculateSecret(a);
        }
        catch (CryptoException)
        {
            return false; // A ≡ 0 mod N
        }
        var n = SrpNumbers.Group.N;
        var expected = Srp6Utilities.CalculateM1(new Sha256Digest(), n, a, _public, secret);
        if (!CryptographicOperations.FixedTimeEquals(SrpNumbers.Pad(expected), SrpNumbers.Pad(claimed)))
            return false;
        serverProof = SrpNumbers.ToHex(Srp6Utilities.CalculateM2(new Sha256Digest(), n, a, expected, secret));
        return true;
    }

    private sealed class FixedServer(BigInteger value) : Srp6Server
    {
        protected override BigInteger SelectPrivateValue() => value;
    }
}
