using System.Collections.Immutable;

namespace Appliance.Server.Tests.Storage.Simulation;

/// <summary>A change to a file: bytes written at an offset or, without bytes, a new length.</summary>
internal sealed record FileChange(int Offset, byte[]? Written);

/// <summary>Names that came, went (null) or moved in one step.</summary>
internal sealed record FolderChange(ImmutableArray<(string Name, int? Node)> Names);

internal abstract record Node;

internal sealed record FileNode(Bytes Synced, Bytes Current, ImmutableList<FileChange> Unsynced) : Node
{
    public static readonly FileNode Empty = Of(Bytes.Empty);

    public static FileNode Of(Bytes synced) => new(synced, synced, []);
}

internal sealed record FolderNode(
    ImmutableSortedDictionary<string, int> Synced, ImmutableSortedDictionary<string, int> Current, ImmutableList<FolderChange> Unsynced) : Node
{
    public static readonly FolderNode Empty = Of(ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal));

    public static FolderNode Of(ImmutableSortedDictionary<string, int> synced) => new(synced, synced, []);
}

/// <summary>
/// One moment of a disk: of each file and each folder what is on the medium, what programs see, and the changes between
/// the two. Files and folders are numbered; 0 is the root.
/// </summary>
internal sealed record DiskState(ImmutableDictionary<int, Node> Nodes, int NextNode)
{
    private const int Sector = 512;

    public static readonly DiskState Empty = new(ImmutableDictionary<int, Node>.Empty.Add(0, FolderNode.Empty), 1);

    public bool IsSynced => !Nodes.Keys.Any(HasUnsynced);

    public bool HasUnsynced(int number) => Nodes[number] is FileNode { Unsynced.IsEmpty: false } or FolderNode { Unsynced.IsEmpty: false };

    public DiskState With(int number, Node node) => this with { Nodes = Nodes.SetItem(number, node) };

    public DiskState Change(int file, FileChange change)
    {
        var node = (FileNode)Nodes[file];
        return With(file, node with { Current = Apply(node.Current, change), Unsynced = node.Unsynced.Add(change) });
    }

    public DiskState Change(int folder, FolderChange change)
    {
        var node = (FolderNode)Nodes[folder];
        return With(folder, node with { Current = Apply(node.Current, change), Unsynced = node.Unsynced.Add(change) });
    }

    public DiskState Sync(int number) => With(number, Nodes[number] switch
    {
        FileNode file => FileNode.Of(file.Current),
        FolderNode folder => FolderNode.Of(folder.Current),
        var other => other,
    });

    /// <summary>
    /// What a power cut leaves: all that was synced, and each later change as <paramref name="dice"/> has it: not at
    /// all, whole, some of its sectors in no order, its beginning, its end, or all but a stretch.
    /// </summary>
    public DiskState AfterPowerCut(Dice dice)
    {
        var nodes = Nodes.ToBuilder();
        foreach (var number in Nodes.Keys.Where(HasUnsynced).Order())
            nodes[number] = nodes[number] switch
            {
                FileNode file => FileNode.Of(file.Unsynced.Aggregate(file.Synced, (left, change) => Torn(left, change, dice))),
                FolderNode folder => FolderNode.Of(folder.Unsynced.Aggregate(folder.Synced, (left, change) => dice.IsKept() ? Apply(left, change) : left)),
                var other => other,
            };
        return this with { Nodes = nodes.ToImmutable() };
    }

    private static Bytes Apply(Bytes content, FileChange change) =>
        change.Written is { } written ? content.Write(written, change.Offset) : content.Resize(change.Offset);

    private static ImmutableSortedDictionary<string, int> Apply(ImmutableSortedDictionary<string, int> names, FolderChange change)
    {
        foreach (var (name, node) in change.Names)
            names = node is { } number ? names.SetItem(name, number) : names.Remove(name);
        return names;
    }

    private static Bytes Torn(Bytes left, FileChange change, Dice dice)
    {
        if (change.Written is not { } written)
            return dice.IsKept() ? Apply(left, change) : left;
        if (dice.Decided is { } kept)
            return kept ? Apply(left, change) : left;
        var sectors = (uint)((change.Offset + written.Length - 1) / Sector - change.Offset / Sector + 1);
        var fate = dice.Roll(6);
        var (from, to) = (dice.Roll(sectors + 1), dice.Roll(sectors + 1));
        for (var sector = 0u; sector < sectors; sector++)
        {
            var isKept = fate switch
            {
                0 => false,
                1 => true,
                2 => dice.Roll(2) == 0,
                3 => sector < from,
                4 => sector >= from,
                _ => sector < Math.Min(from, to) || sector >= Math.Max(from, to),
            };
            if (!isKept)
                continue;
            var start = Math.Max(change.Offset, (change.Offset / Sector + (int)sector) * Sector);
            var end = Math.Min(change.Offset + written.Length, (change.Offset / Sector + (int)sector + 1) * Sector);
            left = left.Write(written.AsSpan(start - change.Offset, end - start), start);
        }
        return left;
    }
}

/// <summary>Decides what becomes of unsynced changes: by chance, or all alike.</summary>
internal sealed class Dice(uint seed)
{
    public static readonly Dice Loses = new(0) { Decided = false };
    public static readonly Dice Keeps = new(0) { Decided = true };
    private uint _state = seed * 2654435769 + 1;

    /// <summary>When set, every change is kept whole or lost whole.</summary>
    public bool? Decided { get; private init; }

    public bool IsKept() => Decided ?? Roll(2) == 0;

    public uint Roll(uint sides)
    {
        _state ^= _state << 13;
        _state ^= _state >> 17;
        _state ^= _state << 5;
        return _state % sides;
    }
}
