using Appliance.Mail.Smtp;
using CsCheck;

namespace Appliance.Mail.Tests.Smtp;

/// <summary>Every transcript is replayed with the same octets in different pieces; the answers must not differ.</summary>
public sealed class TranscriptTests
{
    public static TheoryData<string> Transcripts => [.. Transcript.Names];

    [Theory, MemberData(nameof(Transcripts))]
    public async Task Is_answered_line_by_line(string name)
    {
        var transcript = Transcript.Load(name);
        var conversation = Start(transcript);
        var expected = new List<TranscriptLine>();
        foreach (var line in transcript.Lines)
        {
            if (line.Kind == 'C')
            {
                // Each answer is there before the next command is sent.
                AssertAnswers(expected, conversation);
                await conversation.SendAsync(line.Octets);
            }
            else
            {
                expected.Add(line);
            }
        }
        await AssertEndsAsync(transcript, conversation);
    }

    [Theory, MemberData(nameof(Transcripts))]
    public async Task Is_answered_when_all_is_sent_at_once(string name)
    {
        var transcript = Transcript.Load(name);
        var conversation = Start(transcript);
        await conversation.SendAsync(transcript.AllClientOctets);
        await AssertEndsAsync(transcript, conversation);
    }

    [Theory, MemberData(nameof(Transcripts))]
    public async Task Is_answered_octet_by_octet(string name)
    {
        var transcript = Transcript.Load(name);
        var conversation = Start(transcript);
        var octets = transcript.AllClientOctets;
        for (var i = 0; i < octets.Length; i++)
            await conversation.SendAsync(octets.AsMemory(i, 1));
        await AssertEndsAsync(transcript, conversation);
    }

    [Fact]
    public void Is_answered_the_same_in_any_pieces() =>
        (from name in Gen.OneOf(Transcript.Names.ToArray())
         from cuts in Gen.Int[1, 40].Array[1, 200]
         select (name, cuts)).SampleAsync(
            async sample =>
            {
                var transcript = Transcript.Load(sample.name);
                var conversation = Start(transcript);
                var rest = transcript.AllClientOctets.AsMemory();
                for (var i = 0; !rest.IsEmpty; i++)
                {
                    var piece = Math.Min(sample.cuts[i % sample.cuts.Length], rest.Length);
                    await conversation.SendAsync(rest[..piece]);
                    rest = rest[piece..];
                }
                await AssertEndsAsync(transcript, conversation);
            }, iter: 300);

    [Fact]
    public void There_are_transcripts() => Assert.True(Transcript.Names.Count() >= 25);

    private static Conversation Start(Transcript transcript) =>
        new(transcript.Options, budget: new MessageBudget(transcript.Budget));

    private static async Task AssertEndsAsync(Transcript transcript, Conversation conversation)
    {
        var end = await conversation.HangUpAsync();
        AssertAnswers(transcript.Lines, conversation);
        Assert.Equal(conversation.Drop.Kept.Count, end.Messages);
        Assert.Equal(transcript.Budget, conversation.Budget.Free);
        Assert.Equal(transcript.Lines.Any(line => line.Text.Contains("Local error")), end.Fault is not null);
    }

    private static void AssertAnswers(IEnumerable<TranscriptLine> expected, Conversation conversation)
    {
        var wanted = expected.Where(line => line.Kind == 'S').Select(line => line.Text).ToList();
        Assert.Equal(wanted, Shortened(conversation.Replies(), wanted));
        Assert.Equal(
            expected.Where(line => line.Kind == '=').Select(line => line.Text),
            conversation.Drop.Kept.Select(kept =>
                $"{kept.Content.Length} {kept.Envelope.Sender.Path} {string.Join(' ', kept.Envelope.Recipients.Select(to => to.Path))}"));
    }

    // Puts … where the transcript has it, so that the two can be compared and shown as they are.
    private static List<string> Shortened(string replies, List<string> wanted)
    {
        var lines = replies.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var result = new List<string>();
        foreach (var line in lines)
        {
            var want = result.Count < wanted.Count ? wanted[result.Count] : "";
            var isPrefix = want.EndsWith('…') && line.StartsWith(want[..^1], StringComparison.Ordinal);
            if (want.EndsWith('…') && line.Length > 3 && line[3] == '-' && line.StartsWith(want[..3], StringComparison.Ordinal))
                continue;
            result.Add(isPrefix ? want : line);
        }
        return result;
    }
}
