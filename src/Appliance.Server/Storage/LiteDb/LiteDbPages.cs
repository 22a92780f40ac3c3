using Appliance.Server.Storage.Pages;
using Appliance.Server.Storage.Values;
using LiteDB;
using LiteDB.Engine;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>An encoded row and the bytes it is ordered by (its key, or its entry in the index that was asked).</summary>
internal sealed record RawRow(byte[] Order, byte[] Key, byte[] Value);

/// <summary>
/// LiteDB's engine over our page streams, used as one ordered table of bytes (<see cref="TableKey"/>): a row, and an entry for each
/// index it is in, by the <see cref="Leaf"/>. One table, because what a message writes then shares pages. LiteDB 5.0.20 syncs carelessly, swallows write errors
/// and checks nothing it reads; what makes it safe is the streams' work and <see cref="LogStream.Barrier"/> after each commit.
/// </summary>
internal sealed partial class LiteDbPages : ILeaves, IDisposable
{
    private const string Table = "leaves";
    private const string KeyField = "_id"; // a leaf's bound
    private const string ValueField = "v"; // its rows
    private const int FewLeaves = 4; // at first: how many leaves a range's rows lie in is not known before
    private const int MaxReaders = 64; // LiteDB refuses more than 100 open transactions
    private DataStream _data;
    private LogStream _log;
    private ValueFile _values;
    private Failure _failure;
    private readonly ReaderWriterLockSlim _readers = new(); // a checkpoint needs every reader gone
    private readonly SemaphoreSlim _slots = new(MaxReaders);
    private LiteEngine _engine;

    public LiteDbPages(StoreFiles files)
    {
        (_data, _log, _values, _failure) = (files.Data, files.Log, files.Values, files.Failure);
        _engine = OpenEngine();
        LoadValues();
    }

    /// <summary>The values that are too large for leaves.</summary>
    public ValueFile Values => _values;

    /// <summary>Waits for the readers, lets go of the files and goes on in others. On the writer's thread only.</summary>
    public void Exchange(Func<StoreFiles> exchange)
    {
        _readers.EnterWriteLock();
        try
        {
            _engine.Dispose();
            var files = exchange();
            (_data, _log, _values, _failure) = (files.Data, files.Log, files.Values, files.Failure);
            _engine = OpenEngine();
            LoadValues();
        }
        finally
        {
            _readers.ExitWriteLock();
        }
    }

    /// <summary>Writes all changes in one transaction and makes it durable.</summary>
    /// <exception cref="StoreFailedException">It is not durable; <see cref="Recover"/> comes next.</exception>
    public void Commit(Overlay changes)
    {
        _failure.ThrowIfHappened();
        var written = 0;
        var leaves = new LeafChanges(this, _values);
        try
        {
            _data.Settle();
            _engine.BeginTrans();
            foreach (var (collection, rows) in changes.Collections)
                leaves.Change(collection, rows);
            leaves.FinishIndexes();
            if (leaves.Deleted.Count > 0)
                written += _engine.Delete(Table, leaves.Deleted.Select(bound => new BsonValue(bound)));
            if (leaves.Replaced.Count > 0)
                written += _engine.Update(Table, leaves.Replaced.Select(Document));
            if (leaves.Added.Count > 0)
                written += _engine.Insert(Table, leaves.Added.Select(Document), BsonAutoId.ObjectId);
            _values.Sync();
            _engine.Commit();
        }
        catch (Exception error)
        {
            // What LiteDB holds in memory now is unknown: nothing more may be built on it.
            _failure.Record(error);
        }
        try
        {
            _failure.ThrowIfHappened();
            if (written > 0) // else LiteDB wrote no page and there is nothing to wait for
                _log.Barrier();
        }
        catch (StoreFailedException)
        {
            _values.Release(leaves.Placed); // they will be placed anew
            throw;
        }
        _values.Release(leaves.Superseded);
        _values.Reuse(leaves.Unlisted);
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

    /// <summary>Moves the log into the data file, and wipes the values that nothing leads to any more.</summary>
    /// <exception cref="StoreFailedException">It was not: the log stays as it is, and the engine is opened anew, as <see cref="Recover"/> would, before anybody reads; or values are left to the next time.</exception>
    public void Checkpoint()
    {
        _failure.ThrowIfHappened();
        IReadOnlyList<Extent> unread;
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
            if (_failure.Happened)
            {
                var failed = StoreFailedException.Of(_failure.First);
                OpenAnew();
                throw failed;
            }
            unread = _values.Released;
        }
        finally
        {
            _readers.ExitWriteLock();
        }
        try
        {
            _values.Wipe(unread);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreFailedException.Of(error);
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

    /// <summary>Tells the value file what of it is not free. Where that cannot be read nothing in it is used again.</summary>
    private void LoadValues()
    {
        try
        {
            _values.Load(ListedExtents());
        }
        catch (StoreDamagedException)
        {
            // Whoever reads what is damaged is told.
        }
    }

    private LiteEngine OpenEngine() => new(new EngineSettings
    {
        DataStream = _data,
        LogStream = _log,
        TempStream = new MemoryStream([], writable: false), // every query rides the index: nothing is ever sorted
        Collation = new Collation("en-US/Ordinal"),
    });
}
