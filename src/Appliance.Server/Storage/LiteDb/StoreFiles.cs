using Appliance.Server.Storage.Pages;
using Appliance.Server.Storage.Values;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>The files of a store, opened and checked: <c>data</c>, <c>log</c> and <c>mark</c>; and the <c>journal</c> and the <c>values</c>, which are read by whoever knows what of them counts.</summary>
internal sealed class StoreFiles : IDisposable
{
    private readonly IPageFile _dataFile;
    private readonly IPageFile _logFile;

    private StoreFiles(IPageFile dataFile, IPageFile logFile, IPageFile markFile, Journal journal, ValueFile values, byte[] key, byte[] storeId)
    {
        (_dataFile, _logFile, StoreId) = (dataFile, logFile, storeId);
        Log = new LogStream(logFile, new FrameSealer(key, storeId, PageFileKind.Log), Failure);
        Data = new DataStream(dataFile, new FrameSealer(key, storeId, PageFileKind.Data), Log, Failure);
        Mark = new Mark(markFile, new FrameSealer(key, storeId, PageFileKind.Mark));
        (Journal, Values) = (journal, values);
    }

    /// <summary>Those that came to be after stores did: an older store lacks them.</summary>
    public static IEnumerable<string> Younger => [.. Journal.Files.Select(file => file.Name), ValueFile.Name];

    public byte[] StoreId { get; }

    public DataStream Data { get; }

    public LogStream Log { get; }

    public Mark Mark { get; }

    public Journal Journal { get; }

    public ValueFile Values { get; }

    public Failure Failure { get; } = new();

    /// <summary>Reads page 0, the mark and the log; writes nothing of its own.</summary>
    /// <exception cref="StoreDamagedException">The files are not what was written.</exception>
    public static StoreFiles Open(Func<string, IPageFile> open, byte[] key)
    {
        var data = open("data");
        var files = With(open, data, DataStream.ReadStoreId(data), key);
        try
        {
            files.Data.Load();
            files.Mark.Load();
            files.Log.Load(files.Data.Round, files.Data.Group, files.Mark);
            files.MakeDurable();
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Whether a store's first page opens with this key.</summary>
    public static bool AreOf(Func<string, IPageFile> open, byte[] key)
    {
        try
        {
            var data = open("data");
            using var files = With(open, data, DataStream.ReadStoreId(data), key);
            files.Data.Load();
            return true;
        }
        catch (StoreDamagedException)
        {
            return false;
        }
    }

    public static StoreFiles Create(Func<string, IPageFile> open, byte[] key)
    {
        var data = open("data");
        return With(open, data, DataStream.CreatePreamble(data), key);
    }

    public void Dispose()
    {
        Data.Dispose();
        Log.Dispose();
        Mark.Dispose();
        Journal.Dispose();
        Values.Dispose();
    }

    private static StoreFiles With(Func<string, IPageFile> open, IPageFile dataFile, byte[] storeId, byte[] key) =>
        new(dataFile, open("log"), open("mark"), Journal.Open(open, key, storeId), new ValueFile(open(ValueFile.Name)), key, storeId);

    /// <summary>
    /// What is read here may be in the system's memory only, when the process that wrote it was killed before it synced.
    /// Nothing may be answered or built on it before it is on the disk. What the mark names was synced first.
    /// </summary>
    private void MakeDurable()
    {
        if (Mark.Group == Log.Acknowledged && Mark.Round == Data.Round)
            return;
        try
        {
            _dataFile.Sync();
            _logFile.Sync();
        }
        catch (IOException error)
        {
            Failure.Record(error);
        }
    }
}
