using System.Buffers;
using System.Text;
using Appliance.Crypto.Formats;
using Appliance.Mail.Arrivals;
using Appliance.Mail.Smtp;

namespace Appliance.Mail.Tests.Arrivals;

/// <summary>Messages made to be expensive: each must end, in a bounded tree.</summary>
public sealed class LimitTests
{
    [Fact]
    public void Nesting_ends_at_depth_100()
    {
        var message = new StringBuilder().AppendJoin(
            "", Enumerable.Range(0, 1_000).Select(i => $"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n"));
        var root = Read(message).Mime;

        var depth = 1;
        var node = root;
        for (; node.Children.Count > 0; depth++)
            node = node.Children[0];
        Assert.Equal(100, depth);
        Assert.Equal(message.Length, node.Offset + node.Length);
    }

    [Fact]
    public void The_deepest_tree_can_be_written_and_read()
    {
        var message = new StringBuilder().Insert(0, "Content-Type: message/rfc822\r\n\r\n", 1_000);
        var json = Read(message).ToJson();

        Assert.Equal(json, Summary.FromJson(json).ToJson());
    }

    [Fact]
    public void Attached_messages_nest_to_the_same_depth()
    {
        var message = new StringBuilder().Insert(0, "Content-Type: message/rfc822\r\n\r\n", 1_000);

        Assert.Equal(100, Corpus.All(Read(message).Mime).Count());
    }

    [Fact]
    public void The_thousandth_part_is_all_that_is_left()
    {
        var message = new StringBuilder("Content-Type: multipart/mixed; boundary=b\r\n\r\n").Insert(45, "--b\r\n\r\nx\r\n", 100_000);
        var root = Read(message).Mime;

        Assert.Equal(999, root.Children.Count);
        Assert.Equal("application/octet-stream", root.Children[^1].Type);
        Assert.Equal(message.Length, root.Children[^1].Offset + root.Children[^1].Length);
    }

    [Fact]
    public void A_header_of_10_megabytes_is_read_for_its_first_fields()
    {
        var message = new StringBuilder("Subject: first\r\n").Insert(16, "X-Padding: " + new string('x', 900) + "\r\n", 11_000)
            .Append("From: a@example.org\r\n\r\nwords");
        var summary = Read(message);

        Assert.Equal("first", summary.Subject);
        Assert.Equal("a@example.org", summary.From[0].Address);
        Assert.Equal("words", summary.Snippet);
    }

    [Fact]
    public void All_headers_together_keep_to_the_budget()
    {
        var part = "--b\r\nContent-Description: " + new string('d', 60_000) + "\r\n\r\n";
        var root = Read(new StringBuilder("Content-Type: multipart/mixed; boundary=b\r\n\r\n").Insert(45, part, 100)).Mime;

        Assert.Equal(100, root.Children.Count);
        Assert.InRange(root.Children.Sum(child => child.Description!.Length), 1_000_000, 1_048_576);
    }

    [Theory]
    [InlineData("=?utf-8?q?a?= ")]
    [InlineData("=?utf-8?b?YQ==?=")]
    [InlineData("=?utf-8?q?")]
    [InlineData("=?iso-2022-jp?b?GyRCJCo=?= ")]
    [InlineData("(")]
    [InlineData("<")]
    [InlineData("\"")]
    [InlineData("\\")]
    [InlineData("a:")]
    [InlineData("a@")]
    [InlineData("@a,")]
    [InlineData(",")]
    [InlineData("a;b=")]
    [InlineData("a*0*=x;")]
    public void Repeated_tokens_cost_a_bounded_time(string token)
    {
        var value = string.Concat(Enumerable.Repeat(token, 65_536 / token.Length));
        string[] fields =
        [
            "From: ", "To: ", "Subject: ", "Date: ", "Message-ID: ", "References: ", "Content-ID: ", "Content-Language: ",
            "Content-Type: text/plain; ", "Content-Disposition: attachment; ",
        ];
        var message = new StringBuilder().AppendJoin("", fields.Select(field => $"{field}{value}\r\n")).Append("\r\n");

        Assert.Equal(message.Length, Read(message).HeaderLength);
    }

    [Fact]
    public void Lines_that_are_almost_boundaries_of_a_hundred_multiparts()
    {
        var message = new StringBuilder().AppendJoin(
            "", Enumerable.Range(0, 100).Select(i => $"Content-Type: multipart/mixed; boundary=aaaaaaaa{i:00}\r\n\r\n--aaaaaaaa{i:00}\r\n"));
        message.Insert(message.Length, "--aaaaaaaaaa\r\n", 300_000);

        Assert.Equal(100, Corpus.All(Read(message).Mime).Count());
    }

    [Theory]
    [InlineData("From: (")]
    [InlineData("From : (")]
    public void An_address_that_is_cut_is_not_shown_as_another(string start)
    {
        const int cutAt = 65_536;
        const string shown = ") ceo@bank.example";
        var text = $"{start}{new string('x', cutAt - start.Length - shown.Length)}{shown}.evil.example\r\n\r\n";
        // In memory as a message is received: its lines cross from one block to the next.
        var message = new MessageBuffer(MessageBudget.QuarterOfMemory());
        Assert.True(message.TryAppend(Encoding.ASCII.GetBytes(text)));
        Assert.DoesNotContain(ArrivalReader.Read(message.Content).Summary.From, from => from.Address == "ceo@bank.example");
        message.Dispose();
    }

    private static Summary Read(StringBuilder message) =>
        ArrivalReader.Read(new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(message.ToString()))).Summary;
}
