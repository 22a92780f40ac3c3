using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Tests.Storage.Simulation;

/// <summary>
/// A disk that keeps apart what was written from what was synced, so that a power cut can be had at any moment of it,
/// and that can be told to fail. Every <see cref="State"/> it had stays whole and can be gone on from.
/// </summary>
internal sealed class SimulatedDisk(DiskState state) : IDisk
{
    private readonly Lock _gate = new();

    public SimulatedDisk()
        : this(DiskState.Empty)
    {
    }

    public DiskState State { get; private set; } = state;

    /// <summary>Called before each change and each sync takes place.</summary>
    public Action BeforeChange { get; set; } = () => { };

    /// <summary>Called before each write to a file, with its path, while other changes may take place.</summary>
    public Action<string> BeforeWrite { get; set; } = _ => { };

    /// <summary>When set, writes and syncs fail as on a full disk.</summary>
    public bool Full { get; set; }

    /// <summary>Paths that take no writes.</summary>
    public Func<string, bool> FailsAt { get; set; } = _ => false;

    /// <summary>Paths whose syncs do nothing, as on a disk that lies.</summary>
    public Func<string, bool> LiesAbout { get; set; } = _ => false;

    /// <summary>Reading there fails, as at a sector that the medium does not give back: path and offset.</summary>
    public (string Path, long Offset)? BadSector { get; set; }

    public byte[] Content(string path) => File(Find(path)).Current.ToArray();

    /// <summary>The same disk with one file changed.</summary>
    public SimulatedDisk With(string path, byte[] content) => new(State.With(Find(path), FileNode.Of(Bytes.Empty.Write(content, 0))));

    public SimulatedDisk AfterPowerCut(Dice dice) => new(State.AfterPowerCut(dice));

    public bool HasFolder(string path) => TryFind(path) is { } number && State.Nodes[number] is FolderNode;

    public void MakeFolder(string path)
    {
        if (!HasFolder(path))
            Add(path, FolderNode.Empty);
    }

    public void MoveFolder(string from, string to)
    {
        if (TryFind(to) is not null || Parent(from) != Parent(to))
            throw new IOException($"{from} cannot become {to}.");
        Change(s => s.Change(Find(Parent(from)), new FolderChange([(Name(from), null), (Name(to), Find(from))])));
    }

    public void DeleteFolder(string path)
    {
        if (!HasFolder(path))
            return;
        foreach (var name in Folder(Find(path)).Current.Keys)
            if (HasFolder(path + "/" + name))
                DeleteFolder(path + "/" + name);
            else
                Delete(path + "/" + name);
        Delete(path);
    }

    public void SyncFolder(string path) => Sync(path, Find(path));

    public IPageFile Create(string path) =>
        TryFind(path) is null ? new Handle(this, path, Add(path, FileNode.Empty)) : throw new IOException($"{path} is there already.");

    public IPageFile Open(string path) => new Handle(this, path, TryFind(path) ?? Add(path, FileNode.Empty));

    public bool HasFile(string path) => TryFind(path) is { } number && State.Nodes[number] is FileNode;

    public DateTimeOffset WrittenAt(string path) => DateTimeOffset.UnixEpoch;

    public IPageFile OpenToRead(string path) => new Handle(this, path, TryFind(path));

    public void Delete(string path)
    {
        if (TryFind(path) is not null)
            Change(s => s.Change(Find(Parent(path)), new FolderChange([(Name(path), null)])));
    }

    public IReadOnlyList<string> Files(string folder) =>
        [.. Folder(Find(folder)).Current.Keys.Select(name => folder + "/" + name).SelectMany(path => HasFolder(path) ? Files(path) : [path])];

    private static string Parent(string path) => Path.GetDirectoryName(path)!;

    private static string Name(string path) => Path.GetFileName(path);

    private FileNode File(int number) => (FileNode)State.Nodes[number];

    private FolderNode Folder(int number) => (FolderNode)State.Nodes[number];

    private int Find(string path) => TryFind(path) ?? throw new FileNotFoundException($"{path} is not there.");

    private int? TryFind(string path)
    {
        var number = 0;
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            if (State.Nodes[number] is not FolderNode folder || !folder.Current.TryGetValue(name, out number))
                return null;
        return number;
    }

    private int Add(string path, Node node)
    {
        var number = 0;
        Change(s =>
        {
            number = s.NextNode;
            return (s with { NextNode = number + 1 }).With(number, node).Change(Find(Parent(path)), new FolderChange([(Name(path), number)]));
        });
        return number;
    }

    private void Sync(string path, int number)
    {
        if (State.HasUnsynced(number))
            Change(s => LiesAbout(path) ? s : s.Sync(number));
    }

    private void Change(Func<DiskState, DiskState> change)
    {
        lock (_gate)
        {
            BeforeChange();
            if (Full)
                throw new IOException("No space left on device.");
            State = change(State);
        }
    }

    private sealed class Handle(SimulatedDisk disk, string path, int? number) : IPageFile
    {
        private Bytes Content => number is { } there ? disk.File(there).Current : Bytes.Empty;

        public long Length => Content.Length;

        public int Read(Span<byte> buffer, long offset)
        {
            var length = Content.Read(buffer, offset);
            return disk.BadSector is { } bad && bad.Path == path && bad.Offset >= offset && bad.Offset < offset + length
                ? throw new IOException("Input/output error.")
                : length;
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            disk.BeforeWrite(path);
            if (disk.FailsAt(path))
                throw new IOException("Input/output error.");
            var written = bytes.ToArray();
            disk.Change(s => s.Change(number!.Value, new FileChange((int)offset, written)));
        }

        public void SetLength(long length) => disk.Change(s => s.Change(number!.Value, new FileChange((int)length, null)));

        public void Sync() => disk.Sync(path, number!.Value);

        public void Dispose()
        {
        }
    }
}
