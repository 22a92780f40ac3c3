using System.Text.Json;
using System.Text.Json.Serialization;

namespace Appliance.Client.State;

/// <summary>
/// What a signed-in computer remembers of its one account, so that it asks for nothing until sign-out: where the server is, the
/// session's cookie, and our half of the session slot's key (docs/formats.md, kind 5). The other half is the server's and dies with the session.
/// </summary>
/// <param name="Origin">Scheme, host and port.</param>
/// <param name="LocalHalf">32 bytes.</param>
/// <param name="Cookie">As <c>name=value</c>.</param>
/// <param name="CertificatePin">SHA-256 of the server's self-signed certificate in hexadecimal, when there is one.</param>
public sealed record SavedSession(
    string Origin,
    string Address,
    string AccountId,
    string SlotId,
    byte[] LocalHalf,
    string Cookie,
    string? CertificatePin)
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SavedSession))]
[JsonSerializable(typeof(StateVersion))]
internal sealed partial class StateJson : JsonSerializerContext;

/// <summary>Read first: another version may look different in all else.</summary>
internal sealed record StateVersion(int Version);
