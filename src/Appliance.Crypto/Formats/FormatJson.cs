using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Appliance.Crypto.Formats;

/// <summary>
/// The JSON inside sealed parts. A server can put anything there, so a null where a value belongs and a missing value are refused here:
/// whatever was read is what its type says.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    MaxDepth = MostLevels)]
[JsonSerializable(typeof(Summary))]
[JsonSerializable(typeof(Slip))]
internal sealed partial class FormatJson : JsonSerializerContext
{
    // A MIME tree of 100 levels, each an object in an array, and room around it. The default of 64 ends at 32 levels.
    private const int MostLevels = 256;

    /// <exception cref="FormatException">Not JSON of this shape, or of another version.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, Func<T, int> version, int supported)
    {
        T? value;
        try
        {
            value = HasNullItem(json) ? default : JsonSerializer.Deserialize(json, type);
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

    /// <summary>A null in a list or among MIME parameters, which the serializer lets through (it knows properties only).</summary>
    /// <exception cref="JsonException">Not JSON.</exception>
    private static bool HasNullItem(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MostLevels });
        var holdsItems = new Stack<bool>([false]);
        var isParameters = false;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray:
                    holdsItems.Push(true);
                    break;
                case JsonTokenType.StartObject:
                    holdsItems.Push(isParameters);
                    break;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    holdsItems.Pop();
                    break;
                case JsonTokenType.Null when holdsItems.Peek():
                    return true;
            }
            isParameters = reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("parameters"u8);
        }
        return false;
    }
}
