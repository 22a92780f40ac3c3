using System.Text;

namespace Appliance.EndToEnd.Canary;

public enum MarkEncoding
{
    Utf8, Utf16LittleEndian, Utf16BigEndian, Base64, Base64Url,
}

/// <param name="Offset">Bytes from the beginning of the file.</param>
public sealed record CanaryFinding(string File, long Offset, MarkEncoding Encoding, string Mark);

/// <summary>What was looked at, so that a test can tell "nothing there" from "looked at nothing".</summary>
public sealed record CanaryReport(IReadOnlyList<CanaryFinding> Findings, int Files, long Bytes);

/// <summary>
/// Looks for marks that must not be there, in files of any size: as UTF-8, UTF-16 and base64 (both alphabets, at any of the three
/// alignments; not across lines). Thousands of patterns cost what one does: each pattern is at least <c>w</c> bytes long, so one of
/// every <c>w − 7</c> positions is enough to look at, and eight bytes there are looked up in a table of all patterns' windows.
/// </summary>
public sealed class CanaryScanner
{
    private const int WindowBytes = 8;
    private const int MinMarkBytes = 16;
    private const int BlockBytes = 1 << 20;
    private const int FilterBits = 22;

    private readonly List<Pattern> _patterns = [];
    private readonly Dictionary<ulong, List<(int Pattern, int At)>> _windows = [];
    // Says "no" for nearly every position without a look at the dictionary.
    private readonly ulong[] _filter = new ulong[1 << (FilterBits - 6)];
    private readonly int _stride;
    private readonly int _longest;

    /// <param name="marks">Of at least 16 bytes each, random enough not to be there by chance.</param>
    public CanaryScanner(IEnumerable<string> marks)
    {
        var seen = new HashSet<string>();
        foreach (var mark in marks.Distinct())
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(Encoding.UTF8.GetByteCount(mark), MinMarkBytes, nameof(marks));
            foreach (var (encoding, bytes) in Encodings(mark))
            {
                if (seen.Add(Convert.ToHexString(bytes)))
                    _patterns.Add(new Pattern(mark, encoding, bytes));
            }
        }
        if (_patterns.Count == 0)
            throw new ArgumentException("There is nothing to look for.", nameof(marks));
        var shortest = _patterns.Min(pattern => pattern.Bytes.Length);
        _longest = _patterns.Max(pattern => pattern.Bytes.Length);
        _stride = shortest - WindowBytes + 1;
        for (var i = 0; i < _patterns.Count; i++)
        {
            for (var at = 0; at < _stride; at++)
            {
                var window = BitConverter.ToUInt64(_patterns[i].Bytes, at);
                var bit = Bit(window);
                _filter[bit >> 6] |= 1UL << (bit & 63);
                if (!_windows.TryGetValue(window, out var places))
                    _windows[window] = places = [];
                places.Add((i, at));
            }
        }
    }

    /// <summary>Every file below a folder. Files that vanish meanwhile are passed over.</summary>
    public CanaryReport ScanFolder(string folder) => ScanFiles(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories));

    public CanaryReport ScanFiles(IEnumerable<string> files)
    {
        var findings = new List<CanaryFinding>();
        var count = 0;
        var bytes = 0L;
        foreach (var file in files)
        {
            try
            {
                using var stream = new FileStream(
                    file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
                bytes += Scan(file, stream, findings);
                count++;
            }
            catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
            {
                // Deleted between the listing and the look.
            }
        }
        return new CanaryReport(findings, count, bytes);
    }

    /// <returns>How many bytes there were.</returns>
    public long Scan(string name, Stream stream, ICollection<CanaryFinding> findings)
    {
        var block = new byte[BlockBytes + _longest];
        var start = 0L;
        // The end of the last block, where a pattern may have begun.
        var kept = 0;
        while (stream.ReadAtLeast(block.AsSpan(kept), BlockBytes, throwOnEndOfStream: false) is var read and > 0)
        {
            var filled = kept + read;
            Scan(name, block.AsSpan(0, filled), start, kept, findings);
            var keep = Math.Min(_longest - 1, filled);
            block.AsSpan(filled - keep, keep).CopyTo(block);
            start += filled - keep;
            kept = keep;
        }
        return start + kept;
    }

    private void Scan(string name, ReadOnlySpan<byte> block, long start, int alreadySeen, ICollection<CanaryFinding> findings)
    {
        for (var at = 0; at + WindowBytes <= block.Length; at += _stride)
        {
            var window = BitConverter.ToUInt64(block[at..]);
            var bit = Bit(window);
            if ((_filter[bit >> 6] & (1UL << (bit & 63))) == 0 || !_windows.TryGetValue(window, out var places))
                continue;
            foreach (var (index, within) in places)
            {
                var pattern = _patterns[index];
                var from = at - within;
                if (from >= 0 && from + pattern.Bytes.Length > alreadySeen && block[from..].StartsWith(pattern.Bytes))
                    findings.Add(new CanaryFinding(name, start + from, pattern.Encoding, pattern.Mark));
            }
        }
    }

    private static int Bit(ulong window) => (int)((window * 0x9E37_79B9_7F4A_7C15) >> (64 - FilterBits));

    private static IEnumerable<(MarkEncoding, byte[])> Encodings(string mark)
    {
        yield return (MarkEncoding.Utf8, Encoding.UTF8.GetBytes(mark));
        yield return (MarkEncoding.Utf16LittleEndian, Encoding.Unicode.GetBytes(mark));
        yield return (MarkEncoding.Utf16BigEndian, Encoding.BigEndianUnicode.GetBytes(mark));
        for (var alignment = 0; alignment < 3; alignment++)
        {
            var text = Base64(Encoding.UTF8.GetBytes(mark), alignment);
            yield return (MarkEncoding.Base64, Encoding.ASCII.GetBytes(text));
            yield return (MarkEncoding.Base64Url, Encoding.ASCII.GetBytes(text.Replace('+', '-').Replace('/', '_')));
        }
    }

    /// <summary>The characters that depend on the mark alone, when so many bytes of its group of three stand before it.</summary>
    private static string Base64(byte[] mark, int before)
    {
        var text = Convert.ToBase64String([.. new byte[before], .. mark]);
        var first = (before * 8 + 5) / 6;
        var end = (before + mark.Length) * 8 / 6;
        return text[first..end];
    }

    private sealed record Pattern(string Mark, MarkEncoding Encoding, byte[] Bytes);
}
