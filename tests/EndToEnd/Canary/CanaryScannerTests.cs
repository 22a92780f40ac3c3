using System.Security.Cryptography;
using System.Text;

namespace Appliance.EndToEnd.Canary;

/// <summary>A scanner that finds nothing proves nothing: first it must find what is there.</summary>
public sealed class CanaryScannerTests
{
    private static readonly string[] Marks = [.. Enumerable.Range(0, 300).Select(i => $"mark{i:000}{Convert.ToHexStringLower(SHA256.HashData([(byte)i, (byte)(i >> 8)]))[..16]}")];
    private static readonly CanaryScanner Scanner = new(Marks);

    [Fact]
    public void Finds_a_mark_in_every_encoding()
    {
        const int mark = 7;
        Assert.Equal(MarkEncoding.Utf8, Only(mark, Encoding.UTF8.GetBytes(Marks[mark]), at: 1));
        Assert.Equal(MarkEncoding.Utf16LittleEndian, Only(mark, Encoding.Unicode.GetBytes(Marks[mark]), at: 1));
        Assert.Equal(MarkEncoding.Utf16BigEndian, Only(mark, Encoding.BigEndianUnicode.GetBytes(Marks[mark]), at: 1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    public void Finds_a_mark_within_longer_base64(int before)
    {
        byte[] text = [.. RandomNumberGenerator.GetBytes(before), .. Encoding.UTF8.GetBytes(Marks[8]), .. RandomNumberGenerator.GetBytes(before)];

        Assert.Equal(MarkEncoding.Base64, Assert.Single(Find(Encoding.ASCII.GetBytes(Convert.ToBase64String(text)))).Encoding);
    }

    [Fact]
    public void Finds_a_mark_in_url_safe_base64()
    {
        // Encodes to characters that differ between the alphabets.
        const string mark = "<<???>>~~~???>>>~~~~";
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(mark)).Replace('+', '-').Replace('/', '_');
        var findings = new List<CanaryFinding>();
        new CanaryScanner([mark]).Scan("", new MemoryStream(Encoding.ASCII.GetBytes(text)), findings);

        Assert.Equal(MarkEncoding.Base64Url, Assert.Single(findings).Encoding);
    }

    [Fact]
    public void Finds_every_mark_wherever_it_stands()
    {
        for (var i = 0; i < Marks.Length; i++)
            Assert.Equal(MarkEncoding.Utf8, Only(i, Encoding.UTF8.GetBytes(Marks[i]), at: i));
    }

    [Fact]
    public void Finds_a_mark_across_two_blocks_once()
    {
        var mark = Encoding.UTF8.GetBytes(Marks[9]);
        for (var at = (1 << 20) - 200; at < (1 << 20) + 200; at += 7)
        {
            var file = new byte[3 << 20];
            mark.CopyTo(file, at);
            Assert.Equal(at, Assert.Single(Find(file)).Offset);
        }
    }

    [Fact]
    public void Finds_marks_that_touch() =>
        Assert.Equal(Marks, Find(Encoding.UTF8.GetBytes(string.Concat(Marks))).OrderBy(finding => finding.Offset).Select(finding => finding.Mark));

    [Fact]
    public void Finds_nothing_in_random_bytes_or_in_part_of_a_mark()
    {
        Assert.Empty(Find(RandomNumberGenerator.GetBytes(4 << 20)));
        Assert.Empty(Find(Encoding.UTF8.GetBytes(Marks[10][..^1])));
    }

    [Fact]
    public void Reads_the_files_of_a_folder_and_says_how_much()
    {
        var folder = Directory.CreateTempSubdirectory("canary-");
        try
        {
            File.WriteAllText(Path.Combine(folder.CreateSubdirectory("below").FullName, "file"), "xx" + Marks[11]);
            File.WriteAllText(Path.Combine(folder.FullName, "other"), "nothing");
            var report = Scanner.ScanFolder(folder.FullName);

            Assert.Equal((2, 2 + Marks[11].Length + 7), (report.Files, report.Bytes));
            var finding = Assert.Single(report.Findings);
            Assert.EndsWith(Path.Combine("below", "file"), finding.File, StringComparison.Ordinal);
            Assert.Equal(2, finding.Offset);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Refuses_marks_that_could_be_there_by_chance() => Assert.Throws<ArgumentOutOfRangeException>(() => new CanaryScanner(["short"]));

    private static MarkEncoding Only(int mark, byte[] encoded, int at)
    {
        var finding = Assert.Single(Find([.. RandomNumberGenerator.GetBytes(at), .. encoded, .. RandomNumberGenerator.GetBytes(50)]));
        Assert.Equal((Marks[mark], at), (finding.Mark, finding.Offset));
        return finding.Encoding;
    }

    private static List<CanaryFinding> Find(byte[] file)
    {
        var findings = new List<CanaryFinding>();
        Assert.Equal(file.Length, Scanner.Scan("", new MemoryStream(file), findings));
        return findings;
    }
}
