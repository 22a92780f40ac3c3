using System.Buffers;
using System.Text;
using Appliance.Mail.Smtp;
using CsCheck;

namespace Appliance.Mail.Tests.Smtp;

public sealed class ContentReceiverTests
{
    private static readonly SmtpOptions Options = new() { HostName = "mx.example.test" };

    /// <summary>Every string of up to seven of the four octets that matter, cut everywhere, against a plain reading of the standard.</summary>
    [Fact]
    public void Ends_only_at_crlf_dot_crlf()
    {
        foreach (var text in Strings("\r\n.x", 7))
        {
            var input = Encoding.Latin1.GetBytes(text + "\r\n.\r\nQUIT\r\n");
            var expected = Plainly(Encoding.Latin1.GetString(input));
            Assert.Equal(expected, Receive([input]));
            Assert.Equal(expected, Receive(input.Select(octet => new[] { octet })));
            for (var cut = 1; cut < text.Length + 5; cut++)
                Assert.Equal(expected, Receive([input[..cut], input[cut..]]));
        }
    }

    [Fact]
    public void Unstuffs_what_was_stuffed() =>
        Messages.Sample(message => Receive([Encoding.Latin1.GetBytes(Stuff(message) + ".\r\n")]).Content == message);

    [Fact]
    public void Keeps_chunks_as_they_are() =>
        (from message in Messages
         from cut in Gen.Int[0, 1000]
         select (message, cut)).Sample(sample =>
        {
            var octets = Encoding.Latin1.GetBytes(sample.message);
            var cut = Math.Min(sample.cut, octets.Length);
            using var receiver = new ContentReceiver(Options, new MessageBudget(1 << 24), dotStuffed: false);
            receiver.Receive(octets.AsSpan(0, cut));
            receiver.Receive(octets.AsSpan(cut));
            receiver.Finish();
            Assert.Null(receiver.Refusal);
            Assert.Equal(octets, receiver.Message.Content.ToArray());
        });

    [Fact]
    public void Keeps_a_message_of_many_segments_in_order()
    {
        var message = string.Concat(Enumerable.Range(0, 40_000).Select(i => $"line {i}\r\n"));
        Assert.Equal(message, Receive([Encoding.Latin1.GetBytes(message + ".\r\n")]).Content);
    }

    [Fact]
    public void Gives_back_its_memory_cleared()
    {
        var budget = new MessageBudget(100_000);
        ReadOnlySequence<byte> content;
        using (var receiver = new ContentReceiver(Options, budget, dotStuffed: true))
        {
            receiver.Receive(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("canary-5d1f\r\n", 2_000)) + ".\r\n"));
            Assert.True(budget.Free < 100_000);
            content = receiver.Message.Content;
        }
        Assert.Equal(100_000, budget.Free);
        Assert.DoesNotContain("canary-5d1f", Encoding.ASCII.GetString(content.ToArray()));
    }

    private static Gen<string> Messages =>
        Gen.OneOf(".", "..", ".x", "x.", "a line of words", "", " ", "\0", "\xff").Array[0, 30]
            .Select(lines => string.Concat(lines.Select(line => line + "\r\n")));

    private sealed record Outcome(string? Content, int Octets, int? Refused);

    private static Outcome Receive(IEnumerable<byte[]> pieces)
    {
        using var receiver = new ContentReceiver(Options, new MessageBudget(1 << 24), dotStuffed: true);
        var octets = 0;
        foreach (var piece in pieces)
        {
            if (!receiver.HasEnded)
                octets += receiver.Receive(piece);
        }
        return receiver.Refusal is { } refusal
            ? new Outcome(null, octets, refusal.Code)
            : new Outcome(Encoding.Latin1.GetString(receiver.Message.Content.ToArray()), octets, null);
    }

    // The CRLF of the DATA command itself may be the first half of the end (RFC 5321 §4.1.1.4).
    private static Outcome Plainly(string input)
    {
        var end = ("\r\n" + input).IndexOf("\r\n.\r\n", StringComparison.Ordinal);
        var octets = end + 3;
        var content = input[..end];
        if (content.Replace("\r\n", "").AsSpan().ContainsAny('\r', '\n'))
            return new Outcome(null, octets, 550);
        var lines = content.Split("\r\n").Select(line => line.StartsWith('.') ? line[1..] : line);
        return new Outcome(string.Join("\r\n", lines), octets, null);
    }

    private static string Stuff(string message) =>
        string.Join("\r\n", message.Split("\r\n").Select(line => line.StartsWith('.') ? "." + line : line));

    private static IEnumerable<string> Strings(string alphabet, int most)
    {
        IEnumerable<string> all = [""];
        var longest = all;
        for (var i = 0; i < most; i++)
        {
            longest = longest.SelectMany(text => alphabet.Select(c => text + c)).ToList();
            all = all.Concat(longest);
        }
        return all;
    }
}
