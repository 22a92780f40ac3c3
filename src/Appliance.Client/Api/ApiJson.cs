using System.Text.Json;
using System.Text.Json.Serialization;
using Appliance.Contracts;

namespace Appliance.Client.Api;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ActivationLookupRequest))]
[JsonSerializable(typeof(ActivationLookupResponse))]
[JsonSerializable(typeof(ActivationRequest))]
[JsonSerializable(typeof(SignInStartRequest))]
[JsonSerializable(typeof(SignInStartResponse))]
[JsonSerializable(typeof(SignInFinishRequest))]
[JsonSerializable(typeof(SignInFinishResponse))]
[JsonSerializable(typeof(SessionSlot))]
[JsonSerializable(typeof(AccountResponse))]
[JsonSerializable(typeof(MessageListResponse))]
[JsonSerializable(typeof(MessageResponse))]
[JsonSerializable(typeof(FlagsRequest))]
[JsonSerializable(typeof(ChangeResponse))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class ApiJson : JsonSerializerContext;

/// <summary>What we read of an <c>application/problem+json</c> (RFC 9457).</summary>
internal sealed record Problem
{
    public string? Code { get; init; }

    public string? Title { get; init; }

    public string? Detail { get; init; }
}
