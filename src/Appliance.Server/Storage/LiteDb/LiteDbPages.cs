using Appliance.Server.Storage.Pages;
using LiteDB;
using LiteDB.Engine;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>An encoded row and the bytes it is ordered by (its key, or its entry in the index that was asked).</summary>
internal sealed record RawRow(byte[] Order, byte[] Key, byte[] Value);

/// <summary>
/// LiteDB's engine over our page streams. A row is the document {_id: key, v: encoded row, one field for each index}.
/// LiteDB 5.0.20 syncs carelessly, swallows write errors and checks nothing it reads; what makes it safe is the
/// streams' work and <see cref="LogStream.Barrier"/> after each commit.
/// </summary>
internal sealed class LiteDbPages : IDisposable
{
    private const string ValueField = "v";
    private const int MaxReaders = 64; // LiteDB refuses more than 100 open transactions
    private readonly LiteEngine _engine;
    private readonly LogStream _log;
    private readonly Failure _failure;
    private readonly ReaderWriterLockSlim _readers = new(); // a checkpoint needs every reader gone
    private readonly SemaphoreSlim _slots = new(MaxReaders);

    public LiteDbPages(DataStream data, LogStream log, Failure failure)
    {
        (_log, _failure) = (log, failure);
        _engine = new LiteEngine(new EngineSettings
        {
            DataStream = data,
            LogStream = log,
            TempStream = new MemoryStream([], writable: false), // every query rides an index: nothing is ever sorted
            Collation = new Collation("en-US/Ordinal"),
        });
    }

    public byte[]? Get(string collection, ReadOnlySpan<byte> key)
    {
        var id = new BsonValue(key.ToArray());
        var rows = Query(collection, BsonExpression.Create("_id = @0", id), null, LiteDB.Query.Ascending, 1);
        return rows.Count == 0 ? null : rows[0].Value;
    }

    /// <summary>Rows between two keys or, with an index, between two of its entries, both inclusive.</summary>
    public List<RawRow> Range(string collection, string? index, byte[] from, byte[] to, int limit, bool descending)
    {
        if (BytesComparer.Instance.Compare(from, to) > 0)
            return []; // LiteDB would answer with rows equal to the lower bound
        var field = index ?? "_id";
        // BETWEEN alone uses both bounds of an index.
        var where = BsonExpression.Create($"{field} BETWEEN @0 AND @1", new BsonValue(from), new BsonValue(to));
        return Query(collection, where, field, descending ? LiteDB.Query.Descending : LiteDB.Query.Ascending, limit);
    }

    /// <summary>Writes all changes in one transaction and makes it durable.</summary>
    /// <exception cref="StoreFailedException">It is not durable; the store takes no more writes.</exception>
    public void Commit(Overlay changes)
    {
        _failure.ThrowIfHappened();
        var written = 0;
        try
        {
            _engine.BeginTrans();
            foreach (var (collection, rows) in changes.Collections)
            {
                var deleted = rows.Where(row => row.Value.Value is null).Select(row => new BsonValue(row.Key)).ToList();
                var put = rows.Where(row => row.Value.Value is not null).Select(row => Document(row.Key, row.Value)).ToList();
                if (deleted.Count > 0)
                    written += _engine.Delete(collection, deleted);
                if (put.Count > 0)
                    _engine.Upsert(collection, put, BsonAutoId.ObjectId);
                written += put.Count;
            }
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

    /// <summary>Makes collections and indexes that do not exist yet, each durable by itself.</summary>
    public void Declare(IEnumerable<ICollectionDeclaration> collections)
    {
        var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        using (var reader = _engine.Query("$indexes", new Query()))
            while (reader.Read())
                known.Add($"{reader["collection"].AsString}.{reader["name"].AsString}");
        foreach (var collection in collections)
            foreach (var index in collection.IndexNames.Where(name => !known.Contains($"{collection.Name}.{name}")))
            {
                _engine.EnsureIndex(collection.Name, index, BsonExpression.Create("$." + index), unique: false);
                _log.Barrier();
            }
    }

    /// <summary>Automatic checkpoints would run before the acknowledgement; <see cref="Checkpoint"/> runs after it.</summary>
    public void TurnOffAutomaticCheckpoints()
    {
        _engine.Pragma("CHECKPOINT", 0);
        _log.Barrier();
    }

    /// <summary>Moves the log into the data file. An error is recorded; the log then stays as it is.</summary>
    public void Checkpoint()
    {
        if (_failure.Happened)
            return;
        _readers.EnterWriteLock();
        try
        {
            _engine.Checkpoint();
        }
        catch (Exception error)
        {
            _failure.Record(error);
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

    private static BsonDocument Document(byte[] key, Change change)
    {
        var document = new BsonDocument { ["_id"] = key, [ValueField] = change.Value };
        foreach (var (index, entry) in change.Entries)
            if (entry is not null)
                document[index] = entry;
        return document;
    }

    private List<RawRow> Query(string collection, BsonExpression where, string? order, int direction, int limit)
    {
        var query = new Query { Order = direction, Limit = limit };
        query.Where.Add(where);
        if (order is not null)
            query.OrderBy = BsonExpression.Create("$." + order);
        var rows = new List<RawRow>();
        _slots.Wait();
        _readers.EnterReadLock();
        try
        {
            using var reader = _engine.Query(collection, query);
            while (reader.Read())
            {
                var document = reader.Current.AsDocument;
                var key = document["_id"].AsBinary;
                rows.Add(new RawRow(order is null ? key : document[order].AsBinary, key, document[ValueField].AsBinary));
            }
        }
        finally
        {
            _readers.ExitReadLock();
            _slots.Release();
        }
        return rows;
    }
}
