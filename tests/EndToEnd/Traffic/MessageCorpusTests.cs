using System.Security.Cryptography;
using System.Text;
using Appliance.EndToEnd.Canary;

namespace Appliance.EndToEnd.Traffic;

public sealed class MessageCorpusTests
{
    private static readonly SampleMessage[] Messages = [.. MessageCorpus.Generate("test", "ann@example.org", "bob@example.org")];

    [Fact]
    public void Has_200_different_messages() => Assert.Equal(200, Messages.Select(message => Convert.ToHexString(SHA256.HashData(message.Bytes))).Distinct().Count());

    [Fact]
    public void Is_the_same_in_every_run() => Assert.Equal(
        Messages.Select(message => SHA256.HashData(message.Bytes)),
        MessageCorpus.Generate("test", "ann@example.org", "bob@example.org").Select(message => SHA256.HashData(message.Bytes)));

    [Fact]
    public void Has_three_large_messages() => Assert.Equal(
        [(2, 6_000_000, 8_000_000), (1, 26_000_000, 29_000_000)],
        [Sizes(6_000_000, 8_000_000), Sizes(26_000_000, 29_000_000)]);

    [Fact]
    public void Is_within_what_SMTP_carries() => Assert.All(Messages, message =>
    {
        Assert.EndsWith("\r\n", Encoding.Latin1.GetString(message.Bytes[^2..]), StringComparison.Ordinal);
        Assert.DoesNotContain((byte)0, message.Bytes);
        foreach (var line in Encoding.Latin1.GetString(message.Bytes).Split("\r\n"))
        {
            Assert.InRange(line.Length, 0, 998);
            Assert.False(line.AsSpan().ContainsAny('\r', '\n'), "A bare CR or LF");
        }
    });

    [Fact]
    public void Says_which_messages_need_SMTPUTF8() => Assert.All(Messages, message =>
    {
        var header = message.Bytes.AsSpan()[..Math.Max(message.Bytes.AsSpan().IndexOf("\r\n\r\n"u8), 0)];
        Assert.Equal(message.RequiresUtf8, header.ContainsAnyExceptInRange((byte)0, (byte)127));
    });

    [Fact]
    public void Goes_to_either_member_and_to_both() => Assert.Equal(
        ["ann@example.org", "ann@example.org bob@example.org", "bob@example.org"],
        Messages.Select(message => string.Join(' ', message.Recipients)).Distinct().Order());

    [Fact]
    public void Has_marks_that_a_scan_finds_in_their_own_message_only()
    {
        var scanner = new CanaryScanner(Messages.SelectMany(message => message.Marks));
        Assert.All(Messages, message =>
        {
            Assert.NotEmpty(message.Marks);
            var findings = new List<CanaryFinding>();
            scanner.Scan(message.Name, new MemoryStream(message.Bytes), findings);
            Assert.Equal(message.Marks.Order(), findings.Select(finding => finding.Mark).Distinct().Order());
        });
    }

    private static (int Count, int From, int To) Sizes(int from, int to) =>
        (Messages.Count(message => message.Bytes.Length >= from && message.Bytes.Length < to), from, to);
}
