namespace Appliance.Contracts;

/// <summary>POST /api/signin/start. <paramref name="Slot"/> is <c>password</c> or <c>phrase</c>.</summary>
public sealed record SignInStartRequest(string Address, string Slot);

/// <summary>The same shape, from the same code path, whether or not the address exists.</summary>
/// <param name="ChallengeId">Names this attempt; good for one finish within two minutes.</param>
/// <param name="ServerPublic">SRP B, lower-case hexadecimal.</param>
public sealed record SignInStartResponse(string ChallengeId, string AccountId, string SlotId, KdfSettings Kdf, string ServerPublic);

/// <summary>POST /api/signin/finish. SRP A and M1, lower-case hexadecimal.</summary>
public sealed record SignInFinishRequest(string ChallengeId, string ClientPublic, string ClientProof);

/// <summary>SRP M2, which the client must check; the session cookie comes with it.</summary>
public sealed record SignInFinishResponse(string ServerProof, string AccountId);

/// <summary>
/// PUT /api/session/slot: keeps a reload unlocked. The server holds its half and the wrap with the session and
/// deletes both at sign-out (docs/formats.md, kind 5).
/// </summary>
/// <param name="ServerHalf">32 random bytes chosen by the client.</param>
/// <param name="Wrap">The master key wrapped under both halves, 61 bytes.</param>
public sealed record SessionSlot(string SlotId, byte[] ServerHalf, byte[] Wrap);
