namespace Appliance.Server.Storage.Pages;

/// <summary>A page as a scan finds it; <paramref name="Plaintext"/> is empty when it is not intact.</summary>
internal sealed record ScannedPage(PageFileKind File, uint Page, bool Intact, FrameFields Fields, byte[] Plaintext);

/// <summary>
/// Every page of a store's files, used, free or left over, and every record of the journal, without the engine and whatever state they are in: a page that
/// cannot be opened, a file that is cut short or gone, a preamble that is no store's any more stop nothing.
/// </summary>
internal static class PageScan
{
    public static IEnumerable<ScannedPage> Read(Func<string, IPageFile> open, byte[] key)
    {
        using var data = open("data");
        using var log = open("log");
        var storeId = DataStream.SalvageStoreId(data);
        using var dataSealer = new FrameSealer(key, storeId, PageFileKind.Data);
        using var logSealer = new FrameSealer(key, storeId, PageFileKind.Log);
        foreach (var page in Frames(data, dataSealer, PageFileKind.Data, DataStream.PreambleLength, slot => slot < 2 ? 0 : slot - 1))
            yield return page;
        foreach (var page in Frames(log, logSealer, PageFileKind.Log, 0, slot => slot))
            yield return page;
        using var journal = Journal.Open(open, key, storeId);
        foreach (var record in journal.Scan())
            yield return record;
    }

    private static IEnumerable<ScannedPage> Frames(
        IPageFile file, FrameSealer sealer, PageFileKind kind, long start, Func<uint, uint> pageOf)
    {
        var frame = new byte[PageStream.FrameLength];
        // What is left of a frame at the end of a cut file is a damaged page.
        var slots = Math.Max(0, file.Length - start + frame.Length - 1) / frame.Length;
        for (var slot = 0u; slot < slots; slot++)
        {
            var isRead = file.TryRead(frame, start + (long)slot * frame.Length);
            if (isRead && kind == PageFileKind.Data && slot == 1 && !frame.AsSpan().ContainsAnyExcept((byte)0))
                continue; // page 0's second copy, before the first checkpoint
            var plaintext = new byte[PageStream.PageLength];
            FrameFields fields = default;
            var intact = isRead && sealer.TryOpen(pageOf(slot), frame, plaintext, out fields);
            yield return new ScannedPage(kind, pageOf(slot), intact, fields, intact ? plaintext : []);
        }
    }
}
