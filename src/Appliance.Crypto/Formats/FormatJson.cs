using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Appliance.Crypto.Formats;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Summary))]
[JsonSerializable(typeof(Slip))]
internal sealed partial class FormatJson : JsonSerializerContext
{
    /// <exception cref="FormatException">Not JSON of this shape, or of another version.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, Func<T, int> version, int supported)
    {
        T? value;
        try
        {
            value = JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"This is not a {typeof(T).Name.ToLowerInvariant()}.", exception);
        }
        if (value is null)
            throw new FormatException($"This is not a {typeof(T).Name.ToLowerInvariant()}.");
        return version(value) == supported
            ? value
            : throw new FormatException($"Version {version(value)} is not known to this program, which reads version {supported}; update it.");
    }
}
