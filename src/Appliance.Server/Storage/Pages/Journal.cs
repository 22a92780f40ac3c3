namespace Appliance.Server.Storage.Pages;

/// <summary>
/// Groups that were acknowledged and are not in the page files yet, in two files: what is written goes into one, while what the other holds is on its
/// way into the page files. Groups are numbered for as long as the store lives, so what an earlier filling has left behind is told from what counts. One
/// write and one sync make a group durable.
/// </summary>
internal sealed class Journal : IDisposable
{
    /// <summary>The names of its files, and what tells their frames apart.</summary>
    public static readonly IReadOnlyList<(string Name, PageFileKind Kind)> Files = [("journal", PageFileKind.Journal), ("journal2", PageFileKind.SecondJournal)];

    private readonly JournalFile _first;
    private readonly JournalFile _second;
    private JournalFile _current;
    private JournalFile _other;

    private Journal(JournalFile first, JournalFile second)
    {
        (_first, _second) = (first, second);
        (_current, _other) = (first, second);
    }

    /// <summary>The last group that was acknowledged.</summary>
    public ulong Group { get; private set; }

    /// <summary>The other file holds nothing that is nowhere else.</summary>
    public bool CanTurn => !_other.IsNeeded;

    public static Journal Open(Func<string, IPageFile> open, byte[] key, byte[] storeId)
    {
        return new Journal(File(Files[0]), File(Files[1]));

        JournalFile File((string Name, PageFileKind Kind) of) => new(open(of.Name), new FrameSealer(key, storeId, of.Kind), of.Kind);
    }

    /// <summary>Reads what the page files lack; they hold all groups up to <paramref name="fed"/>.</summary>
    /// <returns>The groups, oldest first; they are on the medium.</returns>
    /// <exception cref="StoreDamagedException">A group that had been acknowledged is missing or was changed.</exception>
    /// <exception cref="IOException">What is there could not be made durable.</exception>
    public IReadOnlyList<byte[]> Load(ulong fed)
    {
        Group = fed;
        var groups = new List<byte[]>();
        foreach (var file in Both.OrderBy(file => file.First))
        {
            Group = file.Load(Group, groups);
            if (file.IsNeeded)
                GoOnIn(file);
        }
        // A group is written when the one before it was acknowledged: behind one that is torn there is none of a higher number.
        if (Both.Any(file => file.HasMoreThan(Group)))
            throw new StoreDamagedException($"Group {Group + 1} of store/journal was changed or lost. Restore the newest backup.");
        return groups;
    }

    /// <summary>Makes a group durable.</summary>
    /// <exception cref="IOException">It is not, and must not be acknowledged.</exception>
    public void Append(ReadOnlySpan<byte> group)
    {
        _other.CutTail(); // a group of this number that failed there must not be taken for this one
        // The round decides the key: one for 2²⁴ groups, however long the store lives.
        _current.Append(new FrameFields(Group + 1, (Group + 1) >> 8, Group), group);
        Group++;
    }

    /// <summary>From the next group on writes to the other file. This one is needed until <see cref="Release"/>.</summary>
    /// <exception cref="IOException">It stays as it was.</exception>
    public void Turn()
    {
        if (!CanTurn)
            throw new InvalidOperationException("Both files of the journal hold groups that are nowhere else.");
        _current.CutTail(); // the next group of that number goes into the other file
        GoOnIn(_other);
    }

    /// <summary>What was written before <see cref="Turn"/> is in the page files.</summary>
    public void Release() => _other.Restart();

    /// <summary>All of it is in the page files.</summary>
    public void Restart()
    {
        _first.Restart();
        _second.Restart();
        GoOnIn(_first);
    }

    /// <summary>Leaves nothing of what has become part of the page files.</summary>
    /// <exception cref="IOException">Something may be left.</exception>
    public void Wipe()
    {
        _first.Wipe();
        _second.Wipe();
    }

    /// <summary>A group that failed must not be there after all when the store is opened next.</summary>
    /// <exception cref="IOException">It may be.</exception>
    public void CutTail()
    {
        _first.CutTail();
        _second.CutTail();
    }

    /// <summary>Every record that can be opened, whether it counts or not.</summary>
    public IEnumerable<ScannedPage> Scan() => Both.SelectMany(file => file.Scan());

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    private IEnumerable<JournalFile> Both => [_first, _second];

    private void GoOnIn(JournalFile file) => (_current, _other) = (file, file == _first ? _second : _first);
}
