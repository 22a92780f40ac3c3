using Appliance.Server.Storage.LiteDb;

namespace Appliance.Server.Storage.Upkeep;

/// <summary>The store as a feature's own checks see it: all rows that can be read, and a second look before anything is reported.</summary>
public sealed class StoreInspection
{
    private const string Remedy = "Restore the newest backup, and report this: the service wrote rows that contradict each other.";
    private readonly LiteDbStore _store;
    private readonly Findings _findings;
    private readonly IReadOnlySet<string> _incomplete;

    internal StoreInspection(LiteDbStore store, Findings findings, IReadOnlySet<string> incomplete) =>
        (_store, _findings, _incomplete) = (store, findings, incomplete);

    /// <summary>Whether all rows of a collection could be read, so that they can be counted.</summary>
    public bool IsComplete<T>(Collection<T> collection) where T : class => !_incomplete.Contains(collection.Name);

    /// <summary>Every row that can be read, a few at a time; the others are reported already.</summary>
    public IEnumerable<T> Rows<T>(Collection<T> collection) where T : class
    {
        foreach (var batch in _store.Walk(collection.Name))
            foreach (var row in batch.Rows)
                if (Decode<T>(row.Value) is { } decoded)
                    yield return decoded;
    }

    /// <summary>
    /// Runs <paramref name="problems"/> on every row. What it says while others write is a suspicion, and counts when it says
    /// so again inside a write, of the row as it is then.
    /// </summary>
    public async Task CheckAsync<T>(
        Collection<T> collection, Func<IStoreReader, T, IEnumerable<string>> problems, CancellationToken cancellationToken) where T : class
    {
        foreach (var row in Rows(collection))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Ask(_store, row).Count == 0)
                continue;
            var key = collection.Key(row);
            var certain = await _store.WriteAsync(
                transaction => Get(transaction, collection, key) is { } again ? Ask(transaction, again) : [], cancellationToken);
            foreach (var problem in certain)
                Report(collection, row, problem);
        }

        List<string> Ask(IStoreReader reader, T row)
        {
            try
            {
                return [.. problems(reader, row)];
            }
            catch (StoreDamagedException)
            {
                return []; // what this row should agree with cannot be read, and that is reported already
            }
        }
    }

    public void Report<T>(Collection<T> collection, T row, string problem) where T : class =>
        _findings.Add($"{collection.Name} {Convert.ToHexStringLower(collection.Key(row))}", problem, Remedy);

    public T? Get<T>(Collection<T> collection, byte[] key) where T : class => Get(_store, collection, key);

    private static T? Get<T>(IStoreReader reader, Collection<T> collection, byte[] key) where T : class
    {
        try
        {
            return reader.Get(collection, key);
        }
        catch (StoreDamagedException)
        {
            return null;
        }
    }

    private static T? Decode<T>(byte[] encoded) where T : class
    {
        try
        {
            return RowCodec.Read<T>(encoded);
        }
        catch (StoreDamagedException)
        {
            return null;
        }
    }
}
