using System.Text.Json.Serialization;

namespace Appliance.Crypto.Formats;

/// <summary>How <see cref="SealedJson"/> is written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    MaxDepth = MostLevels)]
[JsonSerializable(typeof(Summary))]
[JsonSerializable(typeof(Slip))]
[JsonSerializable(typeof(RefusalNotice))]
internal sealed partial class FormatJson : JsonSerializerContext
{
    // A MIME tree of 100 levels, each an object in an array, and room around it. The default of 64 ends at 32 levels.
    public const int MostLevels = 256;
}
