using System.Text;
using Appliance.Crypto.Formats;

namespace Appliance.Crypto.Tests.Formats;

/// <summary>A server can put any JSON into a summary or slip: what is taken must be whole.</summary>
public sealed class SummaryTests
{
    private const string Good =
        """
        {"v":1,"from":[{"name":null,"address":"a@example.org"}],"sender":[],"replyTo":[],"to":[],"cc":[],"inReplyTo":[],"references":["r"],
         "snippet":"","size":1,"headerLength":1,
         "mime":{"type":"text/plain","parameters":{"charset":"utf-8"},"headerOffset":0,"offset":1,"length":0,"lines":0,"encoding":"7bit",
                 "language":[],"children":[]},
         "verdict":{"result":"none","reason":"not checked"},"removed":[{"offset":0,"bytes":"YQ=="}],
         "manifest":[{"index":0,"offset":null,"length":0,"sha256":"","sealedSha256":""}]}
        """;

    [Fact]
    public void A_null_stands_only_where_a_value_may_be_absent()
    {
        var summary = Read(Good);
        Assert.Null(summary.From[0].Name);
        Assert.Null(summary.Manifest[0].Offset);
    }

    [Theory]
    [InlineData("[{\"name\":null,\"address\":\"a@example.org\"}]", "null")]
    [InlineData("{\"name\":null,\"address\":\"a@example.org\"}", "null")]
    [InlineData("\"a@example.org\"", "null")]
    [InlineData("\"r\"", "null")]
    [InlineData("\"utf-8\"", "null")]
    [InlineData("\"children\":[]", "\"children\":[null]")]
    [InlineData("\"YQ==\"", "null")]
    [InlineData("\"sha256\":\"\"", "\"sha256\":null")]
    [InlineData("{\"result\":\"none\",\"reason\":\"not checked\"}", "null")]
    [InlineData("\"references\":[\"r\"],", "")]
    [InlineData("\"size\":1,", "")]
    [InlineData("\"sender\"", "\"\\ud800\"")]
    [InlineData(",\"reason\":\"not checked\"", "")]
    [InlineData(",\"sealedSha256\":\"\"", "")]
    public void Refuses_a_null_or_a_gap_where_a_value_belongs(string value, string replacement)
    {
        Assert.Contains(value, Good, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => Read(Good.Replace(value, replacement, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("""{"v":1,"envelopeFrom":null,"envelopeTo":"","deliveredTo":""}""")]
    [InlineData("""{"v":1,"envelopeFrom":"","envelopeTo":"","deliveredTo":"","rules":[null]}""")]
    public void A_slip_is_read_as_strictly(string json) =>
        Assert.Throws<FormatException>(() => Slip.FromJson(Encoding.UTF8.GetBytes(json)));

    private static Summary Read(string json) => Summary.FromJson(Encoding.UTF8.GetBytes(json));
}
