using System.Security.Cryptography;
using System.Text;
using Appliance.Contracts;
using Appliance.Crypto.Formats;
using Appliance.Crypto.SignIn;
using Appliance.Server.Storage;

namespace Appliance.Server.Accounts;

/// <summary>
/// SRP-6a sign-ins under way (RFC 5054; docs/formats.md, "Sign-in"). An address that does not exist gets an answer of the
/// same shape by the same steps: ids, salt and verifier are then derived from it under a secret of the server's, so
/// that asking twice gives the same answer and no password fits.
/// </summary>
internal sealed class SignIns(IStore store, TimeProvider time)
{
    private readonly Challenges<Challenge> _challenges = new(time);

    public sealed record Challenge(SrpServer Srp, AccountId AccountId);

    /// <param name="client">Who asks (<see cref="ClientSite"/>).</param>
    public SignInStartResponse Start(SlotRow slot, string client)
    {
        var srp = SrpServer.Start(SrpVerifier.FromBytes(slot.Verifier));
        var id = ObjectId.New().ToString();
        _challenges.Add(id, new Challenge(srp, slot.AccountId), client);
        return new SignInStartResponse(id, slot.AccountId.ToString(), slot.Id.ToString(), slot.Kdf.ToSettings(), srp.PublicValue);
    }

    /// <summary>A challenge is good for one finish, right or wrong.</summary>
    public Challenge? Take(string challengeId) => _challenges.Take(challengeId);

    /// <summary>What a sign-in with this address is about; for an address nobody has, what looks like it.</summary>
    public async Task<SlotRow> FindSlotAsync(string address, SlotKind kind, CancellationToken cancellationToken)
    {
        var secret = await store.SecretAsync("enumeration", cancellationToken);
        var decoy = DecoySlot(secret, address, kind);
        var account = store.FindAccount(address)?.Id ?? decoy.AccountId;
        return store.SlotsOf(account).FirstOrDefault(slot => slot.Kind == kind) ?? decoy;
    }

    private static SlotRow DecoySlot(byte[] secret, string address, SlotKind kind)
    {
        return new SlotRow
        {
            AccountId = new AccountId(ObjectId.FromBytes(Derive("account", ObjectId.ByteLength))),
            Id = new SlotId(ObjectId.FromBytes(Derive($"slot/{kind}", ObjectId.ByteLength))),
            Kind = kind,
            Version = 1,
            Kdf = SlotShape.Default(Derive($"salt/{kind}", KdfParameters.SaltLength)),
            Verifier = Derive($"verifier/{kind}", SrpServer.VerifierLength),
            Wrap = [],
        };

        byte[] Derive(string what, int length) =>
            HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, length, info: Encoding.UTF8.GetBytes($"appliance/decoy/v1/{what}/{address}"));
    }
}
