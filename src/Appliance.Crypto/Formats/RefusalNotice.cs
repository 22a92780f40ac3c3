using System.Text.Json;
using System.Text.Json.Serialization;

namespace Appliance.Crypto.Formats;

/// <summary>What a member is told of a message to them that was refused (docs/formats.md, "A refusal").</summary>
public sealed record RefusalNotice
{
    public const int CurrentVersion = 1;

    [JsonPropertyName("v")]
    public int Version { get; init; } = CurrentVersion;

    public required DateTimeOffset At { get; init; }

    /// <summary>Why, in a word that does not change: <c>dmarc reject</c>, <c>listed</c>, <c>blocked</c>, <c>rspamd</c>, <c>clamd</c>, or another cause.</summary>
    public required string Reason { get; init; }

    /// <summary>What its sender was told: code, enhanced code, text.</summary>
    public required string Reply { get; init; }

    /// <summary>The reverse-path; empty for a bounce.</summary>
    public required string EnvelopeFrom { get; init; }

    /// <summary>Its authors, when the message was looked at.</summary>
    public IReadOnlyList<MailAddress> From { get; init; } = [];

    public string? Subject { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, FormatJson.Default.RefusalNotice);
}
