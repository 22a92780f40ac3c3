namespace Appliance.Server.Storage;

/// <summary>A row's entry in each index of its collection, as <see cref="IndexEntry"/> makes them; null in an index that it is not in.</summary>
public readonly struct IndexEntries
{
    private readonly (string Index, byte[]? Entry)[]? _entries;

    public IndexEntries(params (string Index, byte[]? Entry)[] entries) => _entries = entries;

    public int Count => Entries.Count;

    /// <summary>The entry in an index; null as well when nothing is said of that index.</summary>
    public byte[]? this[string index]
    {
        get
        {
            foreach (var (name, entry) in this)
                if (name == index)
                    return entry;
            return null;
        }
    }

    /// <summary>A row that is in none of these indexes.</summary>
    public static IndexEntries NoneIn(IEnumerable<string> indexes) => new([.. indexes.Select(index => (index, (byte[]?)null))]);

    public ArraySegment<(string Index, byte[]? Entry)>.Enumerator GetEnumerator() => Entries.GetEnumerator();

    private ArraySegment<(string Index, byte[]? Entry)> Entries => _entries ?? [];
}
