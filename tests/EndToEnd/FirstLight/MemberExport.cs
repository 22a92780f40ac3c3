using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.FirstLight;

/// <summary>All a member got, taken out with the bridge in every form it offers.</summary>
public sealed class MemberExport
{
    public const string KeyPassphrase = "a passphrase for the exported key";

    private readonly string _folder;

    private MemberExport(string folder) => _folder = folder;

    public required IReadOnlyList<Listed> Listed { get; init; }

    public required byte[] ArmoredKey { get; init; }

    public static async Task<MemberExport> TakeAsync(BridgeProgram bridge, string folder)
    {
        var export = new MemberExport(folder) { Listed = await bridge.ListAsync(), ArmoredKey = await bridge.ExportKeyAsync(KeyPassphrase) };
        await bridge.ExportAsync(export.In("received"), "--as-received");
        await bridge.ExportAsync(export.In("full"));
        await bridge.ExportAsync(export.In("sealed"), "--sealed");
        return export;
    }

    /// <summary>The bytes that came.</summary>
    public byte[] AsReceived(string id) => File.ReadAllBytes(Path.Combine(In("received"), id + ".eml"));

    /// <summary>The same with our trace fields before them.</summary>
    public byte[] Full(string id) => File.ReadAllBytes(Path.Combine(In("full"), id + ".eml"));

    /// <summary>Names of the sealed parts: <c>ID.summary.pgp</c>, <c>ID.0.pgp</c>, …</summary>
    public IReadOnlyList<string> SealedFiles => [.. Directory.EnumerateFiles(In("sealed"), "*.pgp").Order(StringComparer.Ordinal)];

    /// <summary>The sealed segments of a message in order; the summary is not one.</summary>
    public IEnumerable<string> SegmentFiles(string id) =>
        Enumerable.Range(0, int.MaxValue).Select(index => Path.Combine(In("sealed"), $"{id}.{index}.pgp")).TakeWhile(File.Exists);

    public string SummaryFile(string id) => Path.Combine(In("sealed"), id + ".summary.pgp");

    private string In(string form) => Path.Combine(_folder, form);
}
