using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Appliance.Client.Tests.Vectors;

// The shapes of tests/vectors/*.json, read by C# and TypeScript alike. Bytes are lower-case hexadecimal, text is text.
internal sealed record IdVectors(IReadOnlyList<IdVector> Good, IReadOnlyList<string> Refused);

internal sealed record IdVector(string Bytes, string Text);

internal sealed record KdfVectors(IReadOnlyList<KdfVector> Good, IReadOnlyList<RefusedKdf> Refused);

internal sealed record KdfVector(
    string Secret, string AccountId, string SlotId, uint MemoryKiB, uint Passes, uint Lanes, string Salt,
    string Parameters, string Root, string SrpKey, string WrapKey);

internal sealed record RefusedKdf(string Why, string Name, uint MemoryKiB, uint Passes, uint Lanes, string Salt);

internal sealed record SrpVector(
    string AccountId, string Salt, string SrpKey, string ClientPrivate, string ServerPrivate,
    string X, string Verifier, string A, string B, string U, string S, string M1, string M2, IReadOnlyList<string> RefusedB);

internal sealed record SlotVectors(IReadOnlyList<PasswordSlotVector> Password, SessionSlotVector Session);

internal sealed record PasswordSlotVector(
    byte Kind, string AccountId, string SlotId, string Parameters, string WrapKey, string MasterKey, string Nonce, string Wrap);

internal sealed record SessionSlotVector(
    string AccountId, string SlotId, string LocalHalf, string ServerHalf, string MasterKey, string Nonce, string Wrap);

internal sealed record PassphraseVector(string AccountId, string Fingerprint, string MasterKey, string Passphrase, string Nonce, string Wrap);

internal sealed record PhraseVectors(IReadOnlyList<PhraseVector> Good, IReadOnlyList<string> Refused);

internal sealed record PhraseVector(string Entropy, string Phrase);

internal sealed record PartVector(string SessionKey, string Name, string RandomBlock, string Plaintext, string Sealed);

internal sealed record KeyPacketVector(string ErasureKey, string Nonce, string MessageId, string MailboxId, string Packet, string Wrapped);

internal sealed record AccountVector(
    string AccountId, string MailboxId, string MasterKey, string UserKeyFingerprint, string UserKey, string UserKeyWrap,
    string AddressKeyFingerprint, string AddressKey, string AddressKeyPassphrase, string MailboxKey, string OpenedMailboxKey);

internal sealed record MessageVectors(string Fingerprint, string ArmoredPrivateKey, string Passphrase, IReadOnlyList<MessageVector> Messages);

internal sealed record MessageVector(
    string What, IReadOnlyList<PacketVector> KeyPackets, string Summary, string Slip, IReadOnlyList<string> Segments,
    string OpenedSummary, string OpenedSlip, string OpenedTrace, string OpenedMessage, string Received);

internal sealed record PacketVector(string Opens, string Type, string Suite, string Packet);

/// <summary>Everything in here must be refused.</summary>
internal sealed record RefusedVectors(
    IReadOnlyList<RefusedPart> Parts, IReadOnlyList<RefusedSlot> Slots, IReadOnlyList<RefusedJson> Json, IReadOnlyList<RefusedSegment> Segments);

internal sealed record RefusedPart(string Why, string SessionKey, string Name, string Sealed);

internal sealed record RefusedSlot(string Why, byte Kind, string AccountId, string SlotId, string Parameters, string WrapKey, string Wrap);

internal sealed record RefusedJson(string Why, string Kind, string Text);

internal sealed record RefusedSegment(string Why, string SessionKey, int Index, string Sealed, long ManifestLength, string ManifestSha256);

/// <summary>Reads and writes <c>tests/vectors</c>.</summary>
internal static class VectorFiles
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static T Read<T>(string name) =>
        JsonSerializer.Deserialize<T>(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "vectors", name + ".json")), Format)!;

    public static void Write<T>(string name, T vectors, [CallerFilePath] string here = "") => File.WriteAllText(
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "vectors", name + ".json"), JsonSerializer.Serialize(vectors, Format) + "\n");
}
