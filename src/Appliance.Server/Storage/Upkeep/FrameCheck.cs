using System.Buffers.Binary;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Storage.Upkeep;

/// <summary>A page of one of the store's files.</summary>
internal readonly record struct PagePlace(PageFileKind File, uint Page)
{
    public override string ToString() => $"store/{File.ToString().ToLowerInvariant()} page {Page}";
}

/// <summary>
/// Opens every frame of a store's files, past the engine and its cache. What an interrupted write may leave is no damage: what
/// lies behind the log's last whole group, a data page whose newer version is in the log, the other copy of page 0 and
/// of the mark.
/// </summary>
internal sealed class FrameCheck : IDisposable
{
    private const int LastPageOffset = 64; // LiteDB HeaderPage.P_LAST_PAGE_ID, on page 0
    private const int PageTypeOffset = 4; // LiteDB BasePage.P_PAGE_TYPE; 0 is an empty page
    private readonly byte[] _frame = new byte[PageStream.FrameLength];
    private readonly byte[] _page = new byte[PageStream.PageLength];
    private readonly IPageFile _data;
    private readonly IPageFile _log;
    private readonly Mark _mark;
    private readonly FrameSealer _dataSealer;
    private readonly FrameSealer _logSealer;

    public FrameCheck(Func<string, IPageFile> open, byte[] key, byte[] storeId)
    {
        _data = open("data");
        _log = open("log");
        _mark = new Mark(open("mark"), new FrameSealer(key, storeId, PageFileKind.Mark));
        _dataSealer = new FrameSealer(key, storeId, PageFileKind.Data);
        _logSealer = new FrameSealer(key, storeId, PageFileKind.Log);
    }

    /// <summary>Pages looked at.</summary>
    public long Pages { get; private set; }

    /// <summary>
    /// Every place whose frame is not what was sealed for it. Read while the service writes, so each is a suspicion until
    /// <see cref="IsDamaged"/> has said so while nothing was written.
    /// </summary>
    public IEnumerable<PagePlace> Suspects(StoreExtent extent)
    {
        if (!MarkIsIntact())
            yield return new PagePlace(PageFileKind.Mark, 0);
        for (var page = 0u; page < extent.LogPages; page++, Pages++)
            if (!LogPageIsIntact(page, extent.Round))
                yield return new PagePlace(PageFileKind.Log, page);
        Pages++;
        if (!HeaderIsIntact(extent.Round))
            yield return new PagePlace(PageFileKind.Data, 0);
        for (var page = 1u; page <= LastPage(extent.Round); page++, Pages++)
            if (!DataPageIsIntact(page))
                yield return new PagePlace(PageFileKind.Data, page);
    }

    /// <summary>How many pages hold something: those a copy of the store needs.</summary>
    public long UsedPages(StoreExtent extent)
    {
        var used = (long)extent.LogPages;
        for (var page = 0u; page <= LastPage(extent.Round); page++)
            if (!DataPageIsIntact(page) || _page[PageTypeOffset] != 0)
                used++;
        return used;
    }

    /// <summary>Pages of the data file whose newer version lies in the log.</summary>
    public HashSet<uint> LoggedPages(StoreExtent extent)
    {
        var logged = new HashSet<uint>();
        for (var page = 0u; page < extent.LogPages; page++)
            if (LogPageIsIntact(page, extent.Round))
                logged.Add(BinaryPrimitives.ReadUInt32LittleEndian(_page)); // LiteDB BasePage.P_PAGE_ID
        return logged;
    }

    /// <summary>Looks again, while nothing is written.</summary>
    public bool IsDamaged(PagePlace place, StoreExtent extent, HashSet<uint> loggedPages) => place.File switch
    {
        PageFileKind.Mark => !MarkIsIntact(),
        PageFileKind.Log => place.Page < extent.LogPages && !LogPageIsIntact(place.Page, extent.Round),
        _ => place.Page == 0 ? !HeaderIsIntact(extent.Round) : !loggedPages.Contains(place.Page) && !DataPageIsIntact(place.Page),
    };

    public void Dispose()
    {
        _data.Dispose();
        _log.Dispose();
        _mark.Dispose();
        _dataSealer.Dispose();
        _logSealer.Dispose();
    }

    private bool MarkIsIntact()
    {
        try
        {
            _mark.Load();
            return true;
        }
        catch (StoreDamagedException)
        {
            return false;
        }
    }

    private bool LogPageIsIntact(uint page, ulong round) =>
        _log.TryRead(_frame, (long)page * PageStream.FrameLength)
        && _logSealer.TryOpen(page, _frame, _page, out var fields) && fields.Round >= round;

    private bool HeaderIsIntact(ulong round) =>
        _data.TryRead(_frame, DataStream.OffsetOf(0, round)) && _dataSealer.TryOpen(0, _frame, _page, out var fields) && fields.Round >= round;

    private bool DataPageIsIntact(uint page) =>
        _data.TryRead(_frame, DataStream.OffsetOf(page, 0)) && _dataSealer.TryOpen(page, _frame, _page, out _);

    /// <summary>The last page of the last checkpoint; of a header that cannot be read, the last in the file.</summary>
    private uint LastPage(ulong round) => HeaderIsIntact(round)
        ? BinaryPrimitives.ReadUInt32LittleEndian(_page.AsSpan(LastPageOffset))
        : (uint)Math.Max(0, (_data.Length - DataStream.PreambleLength) / PageStream.FrameLength - 2);
}
