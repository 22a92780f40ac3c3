using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Appliance.Bridge;

/// <param name="Fingerprint">Of the address key.</param>
internal sealed record ActivatedEntry(string Address, string Fingerprint, string Phrase);

/// <param name="From">Null, like <paramref name="Subject"/>, when the message does not open.</param>
/// <param name="Date">As the sender wrote it, in UTC; when it arrived if that cannot be read.</param>
/// <param name="Size">Bytes as received.</param>
/// <param name="Folder">Its role, such as <c>inbox</c>.</param>
internal sealed record ListEntry(string Id, string? From, string? Subject, DateTimeOffset Date, long Size, string Folder);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ActivatedEntry))]
[JsonSerializable(typeof(IReadOnlyList<ListEntry>))]
internal sealed partial class BridgeJson : JsonSerializerContext
{
    /// <summary>For programs, not for HTML: only what JSON demands is escaped.</summary>
    public static BridgeJson Plain { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
