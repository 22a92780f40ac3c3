using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>The three files of a store, opened and checked: <c>data</c>, <c>log</c> and <c>mark</c>.</summary>
internal sealed class StoreFiles : IDisposable
{
    private StoreFiles(DataStream data, LogStream log, Mark mark, Failure failure) =>
        (Data, Log, Mark, Failure) = (data, log, mark, failure);

    public DataStream Data { get; }

    public LogStream Log { get; }

    public Mark Mark { get; }

    public Failure Failure { get; }

    /// <summary>Reads page 0, the mark and the log; writes nothing.</summary>
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
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
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
    }

    private static StoreFiles With(Func<string, IPageFile> open, IPageFile dataFile, byte[] storeId, byte[] key)
    {
        var failure = new Failure();
        var log = new LogStream(open("log"), new FrameSealer(key, storeId, PageFileKind.Log), failure);
        var data = new DataStream(dataFile, new FrameSealer(key, storeId, PageFileKind.Data), log, failure);
        var mark = new Mark(open("mark"), new FrameSealer(key, storeId, PageFileKind.Mark));
        return new StoreFiles(data, log, mark, failure);
    }
}
