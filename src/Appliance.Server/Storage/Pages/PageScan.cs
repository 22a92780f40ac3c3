namespace Appliance.Server.Storage.Pages;

/// <summary>A page as a scan finds it; <paramref name="Plaintext"/> is empty when it is not intact.</summary>
internal sealed record ScannedPage(PageFileKind File, uint Page, bool Intact, FrameFields Fields, byte[] Plaintext);

/// <summary>Every page of a store's files, used, free or left over, without the engine.</summary>
internal static class PageScan
{
    /// <exception cref="StoreDamagedException">This is no store.</exception>
    public static IEnumerable<ScannedPage> Read(Func<string, IPageFile> open, byte[] key)
    {
        using var data = open("data");
        using var log = open("log");
        var storeId = DataStream.ReadStoreId(data);
        using var dataSealer = new FrameSealer(key, storeId, PageFileKind.Data);
        using var logSealer = new FrameSealer(key, storeId, PageFileKind.Log);
        foreach (var page in Frames(data, dataSealer, PageFileKind.Data, DataStream.PreambleLength, slot => slot < 2 ? 0 : slot - 1))
            yield return page;
        foreach (var page in Frames(log, logSealer, PageFileKind.Log, 0, slot => slot))
            yield return page;
    }

    private static IEnumerable<ScannedPage> Frames(
        IPageFile file, FrameSealer sealer, PageFileKind kind, long start, Func<uint, uint> pageOf)
    {
        var frame = new byte[PageStream.FrameLength];
        for (var slot = 0u; file.Read(frame, start + (long)slot * frame.Length) == frame.Length; slot++)
        {
            if (!frame.AsSpan().ContainsAnyExcept((byte)0))
                continue; // page 0's second copy, before the first checkpoint
            var plaintext = new byte[PageStream.PageLength];
            var intact = sealer.TryOpen(pageOf(slot), frame, plaintext, out var fields);
            yield return new ScannedPage(kind, pageOf(slot), intact, fields, intact ? plaintext : []);
        }
    }
}
