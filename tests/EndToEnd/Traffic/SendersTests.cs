using System.Text;

namespace Appliance.EndToEnd.Traffic;

/// <summary>What a sender sends is what the corpus says, byte for byte; else it proves nothing about a server.</summary>
public sealed class SendersTests
{
    private const int Small = 100_000;

    // One of each kind is enough here.
    private static readonly SampleMessage[] Messages =
        [.. MessageCorpus.Generate("senders", "ann@example.org", "bob@example.org").Take(25).Where(message => message.Bytes.Length < Small)];

    [Fact]
    public async Task Swaks_sends_the_exact_bytes()
    {
        await using var sink = new SmtpSink();
        foreach (var message in Messages.Where(message => !message.RequiresUtf8))
        {
            await Senders.SwaksAsync(sink.EndPoint, message);
            AssertSent(message, sink);
        }
    }

    [Fact]
    public async Task Python_sends_the_exact_bytes()
    {
        await using var sink = new SmtpSink();
        foreach (var message in Messages)
        {
            await Senders.PythonAsync(sink.EndPoint, message);
            var sunk = AssertSent(message, sink);
            Assert.Equal(message.Is8Bit, sunk.Mail.Contains("BODY=8BITMIME", StringComparison.Ordinal));
            Assert.Equal(message.RequiresUtf8, sunk.Mail.Contains("SMTPUTF8", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(80)]
    [InlineData(81)]
    [InlineData(5_000)]
    public async Task Smtp_source_sends_the_body_it_should(int bodyBytes)
    {
        await using var sink = new SmtpSink();
        await Senders.SmtpSourceAsync(sink.EndPoint, "a@sender.example", "ann@example.org", messages: 5, sessions: 2, bodyBytes, "from smtp-source");

        Assert.Equal(5, sink.Messages.Count);
        Assert.All(sink.Messages, message =>
        {
            var text = Encoding.ASCII.GetString(message.Bytes);
            Assert.Contains("\r\nSubject: from smtp-source\r\n", text, StringComparison.Ordinal);
            Assert.Equal(Senders.SmtpSourceBody(bodyBytes), text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
        });
    }

    [Fact]
    public async Task A_refusal_is_an_error()
    {
        var closed = new SmtpSink();
        var nowhere = closed.EndPoint;
        await closed.DisposeAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => Senders.SwaksAsync(nowhere, Messages[0]));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Senders.PythonAsync(nowhere, Messages[0]));
    }

    private static SunkMessage AssertSent(SampleMessage message, SmtpSink sink)
    {
        Assert.True(sink.Messages.TryDequeue(out var sunk), message.Name);
        Assert.Contains($"<{message.Sender}>", sunk.Mail, StringComparison.Ordinal);
        Assert.Equal(message.Recipients.Select(recipient => $"RCPT TO:<{recipient}>"), sunk.Recipients, StringComparer.OrdinalIgnoreCase);
        Assert.Equal(message.Bytes, sunk.Bytes);
        return sunk;
    }
}
