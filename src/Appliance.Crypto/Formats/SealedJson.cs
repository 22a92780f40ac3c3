using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Appliance.Crypto.Formats;

/// <summary>
/// Reads the JSON inside sealed parts. A server can put anything there, so what was read is what its type says: a property that cannot be null has
/// to be there, and no list holds a null. A property added within a version is therefore a nullable one.
/// </summary>
internal static class SealedJson
{
    private static readonly JsonSerializerOptions Whole = new(FormatJson.Default.Options)
    {
        TypeInfoResolver = FormatJson.Default.WithAddedModifier(RequireWhatCannotBeNull),
    };

    /// <exception cref="FormatException">Not JSON of this shape, or of another version.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json, Func<T, int> version, int supported)
    {
        T? value;
        try
        {
            value = HasNullItem(json) ? default : JsonSerializer.Deserialize(json, (JsonTypeInfo<T>)Whole.GetTypeInfo(typeof(T)));
        }
        // The reader answers half a surrogate pair in a name with the latter.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new FormatException($"This is not a {typeof(T).Name.ToLowerInvariant()}.", exception);
        }
        if (value is null)
            throw new FormatException($"This is not a {typeof(T).Name.ToLowerInvariant()}.");
        return version(value) == supported
            ? value
            : throw new FormatException($"Version {version(value)} is not known to this program, which reads version {supported}; update it.");
    }

    private static void RequireWhatCannotBeNull(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            property.IsRequired = property.PropertyType.IsValueType ? Nullable.GetUnderlyingType(property.PropertyType) is null : !property.IsSetNullable;
    }

    /// <summary>A null in a list or among MIME parameters, which the serializer lets through (it knows properties only).</summary>
    /// <exception cref="JsonException">Not JSON.</exception>
    private static bool HasNullItem(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = FormatJson.MostLevels });
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
