namespace Appliance.Server.Storage.Pages;

/// <summary>What a log file holds of one round.</summary>
/// <param name="Pages">Pages of whole groups, counted from the start.</param>
/// <param name="Group">The last whole group.</param>
/// <param name="HighestGroup">The highest group any intact frame names, so that no number is used twice.</param>
/// <param name="DamagedPage">A page of an acknowledged group that is not what was written.</param>
internal sealed record LogScan(uint Pages, ulong Group, ulong HighestGroup, uint? DamagedPage)
{
    /// <summary>
    /// Whole groups count up to the first page that is missing, torn or of an older round. What follows was being
    /// written when the machine stopped, unless an intact later page says that more than this was acknowledged.
    /// </summary>
    public static LogScan Read(IPageFile file, FrameSealer sealer, ulong round, ulong checkpointed)
    {
        var frame = new byte[PageStream.FrameLength];
        var plaintext = new byte[PageStream.PageLength];
        var (pages, group, highest) = (0u, checkpointed, checkpointed);
        uint? firstBad = null;
        var frames = file.Length / PageStream.FrameLength;
        for (var page = 0u; page < frames; page++)
        {
            FrameFields fields = default;
            var intact = file.TryRead(frame, (long)page * PageStream.FrameLength) && sealer.TryOpen(page, frame, plaintext, out fields);
            if (!intact || fields.Round < round)
            {
                firstBad ??= page;
                continue;
            }
            highest = Math.Max(highest, fields.Group);
            if (fields.Round > round || fields.Acknowledged > group && firstBad is not null)
                return new LogScan(pages, group, highest, firstBad ?? page);
            if (firstBad is null && plaintext[LogStream.ConfirmOffset] != 0)
                (pages, group) = (page + 1, fields.Group);
        }
        return new LogScan(pages, group, highest, null);
    }
}
