using Appliance.Server.Storage.Pages;
using LiteDB;
using LiteDB.Engine;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>An encoded row and the bytes it is ordered by (its key, or its entry in the index that was asked).</summary>
internal sealed record RawRow(byte[] Order, byte[] Key, byte[] Value);

/// <summary>
/// LiteDB's engine over our page streams, used as one ordered table of bytes (<see cref="TableKey"/>): a row, and an entry for each
/// index it is in. One table, because what a message writes then shares pages. LiteDB 5.0.20 syncs carelessly, swallows write errors
/// and checks nothing it reads; what makes it safe is the streams' work and <see cref="LogStream.Barrier"/> after each commit.
/// </summary>
internal sealed class LiteDbPages : IDisposable
{
    private const string Table = "rows";
    private const string KeyField = "_id";
    private const string ValueField = "v"; // a row's bytes; of an index entry, the row's key in the table
    private const int MaxReaders = 64; // LiteDB refuses more than 100 open transactions
    private DataStream _data;
    private LogStream _log;
    private Failure _failure;
    private readonly ReaderWriterLockSlim _readers = new(); // a checkpoint needs every reader gone
    private readonly SemaphoreSlim _slots = new(MaxReaders);
    private LiteEngine _engine;

    public LiteDbPages(DataStream data, LogStream log, Failure failure)
    {
        (_data, _log, _failure) = (data, log, failure);
        _engine = OpenEngine();
    }

    public byte[]? Get(string collection, byte[] key)
    {
        var id = TableKey.Of(collection, key);
        return Read(() => Find(id)?[ValueField].AsBinary);
    }

    /// <summary>Rows between two keys or, with an index, between two of its entries, both inclusive.</summary>
    public List<RawRow> Range(string collection, string? index, byte[] from, byte[] to, int limit, bool descending)
    {
        if (BytesComparer.Instance.Compare(from, to) > 0)
            return []; // LiteDB would answer with rows equal to the lower bound
        var table = index is null ? collection : TableKey.IndexName(collection, index);
        var prefix = TableKey.PrefixLength(table);
        return Read(() =>
        {
            if (index is null)
                return Find(TableKey.Of(table, from), TableKey.Of(table, to), limit, descending)
                    .ConvertAll(row => RowOf(row, row[KeyField].AsBinary[prefix..], prefix));
            _engine.BeginTrans(); // the entries and their rows as of one moment
            try
            {
                return Find(TableKey.Of(table, from), TableKey.Of(table, to), limit, descending)
                    .ConvertAll(entry => RowOf(RowAt(entry[ValueField].AsBinary), entry[KeyField].AsBinary[prefix..], TableKey.PrefixLength(collection)));
            }
            finally
            {
                _engine.Rollback();
            }
        });
    }

    /// <summary>What a range is ordered by alone (keys, or index entries): found without touching a row's own pages.</summary>
    public List<byte[]> Order(string collection, string? index, byte[] from, byte[] to, int limit, bool descending)
    {
        var table = index is null ? collection : TableKey.IndexName(collection, index);
        return BytesComparer.Instance.Compare(from, to) > 0
            ? []
            : Read(() => FindKeys(TableKey.Of(table, from), TableKey.Of(table, to), limit, descending))
                .ConvertAll(key => key[TableKey.PrefixLength(table)..]);
    }

    /// <summary>The collections and indexes that have anything in them, declared or not.</summary>
    public List<string> Names()
    {
        var names = new List<string>();
        byte[] from = [];
        while (Read(() => FindKeys(from, [byte.MaxValue], 1, descending: false)) is [var key])
        {
            names.Add(TableKey.NameIn(key));
            from = [.. key[..names[^1].Length], 1];
        }
        return names;
    }

    /// <summary>Waits for the readers, lets go of the files and goes on in others. On the writer's thread only.</summary>
    public void Exchange(Func<StoreFiles> exchange)
    {
        _readers.EnterWriteLock();
        try
        {
            _engine.Dispose();
            var files = exchange();
            (_data, _log, _failure) = (files.Data, files.Log, files.Failure);
            _engine = OpenEngine();
        }
        finally
        {
            _readers.ExitWriteLock();
        }
    }

    /// <summary>Writes all changes in one transaction and makes it durable.</summary>
    /// <exception cref="StoreFailedException">It is not durable; <see cref="Recover"/> comes next.</exception>
    public void Commit<TRows>(IReadOnlyDictionary<string, TRows> changes) where TRows : IReadOnlyDictionary<byte[], Change>
    {
        _failure.ThrowIfHappened();
        var written = 0;
        try
        {
            _data.Settle();
            _engine.BeginTrans();
            var table = new TableChanges();
            foreach (var (collection, rows) in changes)
                foreach (var (key, change) in rows)
                    Add(table, collection, TableKey.Of(collection, key), change);
            if (table.Deleted.Count > 0)
                written += _engine.Delete(Table, table.Deleted);
            if (table.Replaced.Count > 0)
                _engine.Upsert(Table, table.Replaced, BsonAutoId.ObjectId);
            if (table.Added.Count > 0)
                _engine.Insert(Table, table.Added, BsonAutoId.ObjectId);
            written += table.Replaced.Count + table.Added.Count;
            _engine.Commit();
        }
        catch (Exception error)
        {
            // What LiteDB holds in memory now is unknown: nothing more may be built on it.
            _failure.Record(error);
        }
        _failure.ThrowIfHappened();
        if (written > 0) // else LiteDB wrote no page and there is nothing to wait for
            _log.Barrier();
    }

    /// <summary>Automatic checkpoints would run before the acknowledgement; <see cref="Checkpoint"/> runs after it.</summary>
    public void TurnOffAutomaticCheckpoints()
    {
        _engine.Pragma("CHECKPOINT", 0);
        _log.Barrier();
    }

    /// <summary>
    /// After a failure, opens the engine anew on what has been acknowledged: what was not is seen no more, and
    /// writing may be tried again. It writes nothing, so it works on a disk that is full.
    /// </summary>
    /// <returns>False when what has been acknowledged could not be read; then nothing can be, until a later call succeeds.</returns>
    public bool Recover()
    {
        if (!_failure.Happened)
            return true;
        _readers.EnterWriteLock();
        try
        {
            return OpenAnew();
        }
        finally
        {
            _readers.ExitWriteLock();
        }
    }

    /// <summary>Moves the log into the data file.</summary>
    /// <exception cref="StoreFailedException">It was not, and the log stays as it is. The engine is opened anew, as <see cref="Recover"/> would, before anybody reads.</exception>
    public void Checkpoint()
    {
        _failure.ThrowIfHappened();
        _readers.EnterWriteLock();
        try
        {
            try
            {
                _engine.Checkpoint();
            }
            catch (Exception error)
            {
                _failure.Record(error);
            }
            if (!_failure.Happened)
                return;
            var failed = StoreFailedException.Of(_failure.First);
            OpenAnew();
            throw failed;
        }
        finally
        {
            _readers.ExitWriteLock();
        }
    }

    public void Dispose()
    {
        _engine.Dispose();
        _readers.Dispose();
        _slots.Dispose();
    }

    private bool OpenAnew()
    {
        try
        {
            _engine.Dispose();
            _data.Forget();
            _log.Forget();
            _failure.Clear();
            _engine = OpenEngine();
            return true;
        }
        catch (Exception error)
        {
            _failure.Record(error);
            return false;
        }
    }

    private LiteEngine OpenEngine() => new(new EngineSettings
    {
        DataStream = _data,
        LogStream = _log,
        TempStream = new MemoryStream([], writable: false), // every query rides the index: nothing is ever sorted
        Collation = new Collation("en-US/Ordinal"),
    });

    /// <summary>The row itself, the index entries it gains, and those of its earlier self that it loses.</summary>
    private void Add(TableChanges table, string collection, byte[] key, Change change)
    {
        if (change.Value is not null)
            (change.IsNew ? table.Added : table.Replaced).Add(Document(key, change));
        else if (!change.IsNew)
            table.Deleted.Add(key);
        var old = change.IsNew || change.Entries.Count == 0 ? null : Find(key);
        foreach (var (index, has) in change.Entries)
        {
            var had = old?[index] is { IsBinary: true } before ? before.AsBinary : null;
            if (had.AsSpan().SequenceEqual(has))
                continue;
            var name = TableKey.IndexName(collection, index);
            if (had is not null)
                table.Deleted.Add(TableKey.Of(name, had));
            if (has is not null)
                table.Added.Add(new BsonDocument { [KeyField] = TableKey.Of(name, has), [ValueField] = key });
        }
    }

    private static BsonDocument Document(byte[] key, Change change)
    {
        var document = new BsonDocument { [KeyField] = key, [ValueField] = change.Value };
        foreach (var (index, entry) in change.Entries)
            if (entry is not null)
                document[index] = entry;
        return document;
    }

    private static RawRow RowOf(BsonDocument row, byte[] order, int prefix) =>
        new(order, row[KeyField].AsBinary[prefix..], row[ValueField].AsBinary);

    private BsonDocument RowAt(byte[] key) =>
        Find(key) ?? throw new StoreDamagedException("An index leads to a row that is not there. See: appliance store verify");

    /// <summary>
    /// LiteDB's index is searched from its head, over rows that have nothing to do with the key. When one of those is on a damaged page,
    /// the search from the tail goes another way, and most rows are found after all.
    /// </summary>
    private BsonDocument? Find(byte[] key)
    {
        try
        {
            return Run(TableQuery.Equal(key), 1, LiteDB.Query.Ascending).FirstOrDefault();
        }
        catch (StoreDamagedException)
        {
            return Run(TableQuery.Between(key, key), 1, LiteDB.Query.Descending).FirstOrDefault();
        }
    }

    private List<BsonDocument> Find(byte[] from, byte[] to, int limit, bool descending)
    {
        try
        {
            return Run(TableQuery.Between(from, to), limit, descending ? LiteDB.Query.Descending : LiteDB.Query.Ascending);
        }
        catch (StoreDamagedException)
        {
            return FindKeysFromTheOtherEnd(from, to, limit, descending).ConvertAll(RowAt);
        }
    }

    /// <summary>Goes through the whole range, in the other direction: slow, and only ever done past a damaged page.</summary>
    private List<byte[]> FindKeysFromTheOtherEnd(byte[] from, byte[] to, int limit, bool descending)
    {
        var kept = new Queue<byte[]>();
        while (true)
        {
            var found = FindKeys(from, to, Limits.Rows, !descending);
            foreach (var key in found.Where(key => kept.Count == 0 || !key.AsSpan().SequenceEqual(kept.Last())))
            {
                kept.Enqueue(key);
                if (kept.Count > limit)
                    kept.Dequeue();
            }
            if (found.Count < Limits.Rows)
                return [.. kept.Reverse()];
            (from, to) = descending ? (found[^1], to) : (from, found[^1]);
        }
    }

    private List<byte[]> FindKeys(byte[] from, byte[] to, int limit, bool descending) =>
        Run(TableQuery.Between(from, to), limit, descending ? LiteDB.Query.Descending : LiteDB.Query.Ascending, TableQuery.KeyAlone)
            .ConvertAll(found => found[KeyField].AsBinary);

    private List<BsonDocument> Run(BsonExpression where, int limit, int direction, BsonExpression? select = null)
    {
        var query = new Query { Order = direction, Limit = limit, OrderBy = TableQuery.Key, Select = select ?? BsonExpression.Root };
        query.Where.Add(where);
        var rows = new List<BsonDocument>();
        using var reader = _engine.Query(Table, query);
        while (reader.Read())
            rows.Add(reader.Current.AsDocument);
        return rows;
    }

    private T Read<T>(Func<T> read)
    {
        _slots.Wait();
        _readers.EnterReadLock();
        try
        {
            return read();
        }
        finally
        {
            _readers.ExitReadLock();
            _slots.Release();
        }
    }

    private sealed class TableChanges
    {
        public List<BsonValue> Deleted { get; } = [];

        public List<BsonDocument> Replaced { get; } = [];

        public List<BsonDocument> Added { get; } = [];
    }
}
