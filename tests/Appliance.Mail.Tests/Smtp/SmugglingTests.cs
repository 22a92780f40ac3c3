namespace Appliance.Mail.Tests.Smtp;

/// <summary>A second message hidden behind something that is nearly the end of the first (CVE-2023-51764 and its kin).</summary>
public sealed class SmugglingTests
{
    public static TheoryData<string> Endings =>
        [.. from before in new[] { "\n", "\r", "\r\n", "\r\r\n", "\n\r", "\0\r\n" }
            from after in new[] { "\n", "\r", "\r\n", "\r\r\n", "\n\r", "\0\r\n" }
            where (before, after) != ("\r\n", "\r\n") && (before, after) != ("\r\r\n", "\r\n") && (before, after) != ("\0\r\n", "\r\n")
            select $"{before}.{after}"];

    [Theory, MemberData(nameof(Endings))]
    public async Task Does_not_take_it_for_the_end(string ending)
    {
        var octets = Hiding(ending);
        for (var cut = 0; cut < octets.Length; cut++)
        {
            var conversation = new Conversation();
            await conversation.SendAsync(octets[..cut]);
            await conversation.SendAsync(octets[cut..]);
            await conversation.HangUpAsync();
            Assert.DoesNotContain(conversation.Drop.Kept, kept => kept.Envelope.Sender.Path.ToString().Contains("evil"));
            Assert.EndsWith("221 2.0.0 Bye\r\n", conversation.Replies());
            Assert.Single(conversation.Replies().Split("\r\n"), line => line.StartsWith("354", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Takes_crlf_dot_crlf_for_the_end()
    {
        var conversation = new Conversation();
        await conversation.SendAsync(Hiding("\r\n.\r\n"));
        await conversation.HangUpAsync();
        Assert.Equal(["<a@client.example>", "<evil@client.example>"], conversation.Drop.Kept.Select(kept => kept.Envelope.Sender.Path.ToString()));
    }

    private static string Hiding(string ending) =>
        "EHLO c\r\nMAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.test>\r\nDATA\r\nhello" + ending
        + "MAIL FROM:<evil@client.example>\r\nRCPT TO:<b@example.test>\r\nDATA\r\nevil\r\n.\r\nQUIT\r\n";
}
