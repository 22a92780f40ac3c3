using Appliance.Mail.Dkim;
using CsCheck;

namespace Appliance.Mail.Tests.Dkim;

public sealed class TagListTests
{
    [Theory]
    [InlineData("a=1", "a=1")]
    [InlineData(" a = 1 ;\r\n b = two words ; ", "a=1|b=two words")]
    [InlineData("a=;b=x=y", "a=|b=x=y")]
    [InlineData("a_1=x;", "a_1=x")]
    public void Reads_tags_in_order(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', TagList.Parse(text)!.Tags.Select(tag => $"{tag.Name}={tag.Value}")));

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a=1;;b=2")]
    [InlineData("a=1;a=2")]
    [InlineData("=1")]
    [InlineData("1a=x")]
    [InlineData("a b=x")]
    [InlineData("a=\0")]
    public void Is_not_a_list_of_tags(string text) => Assert.Null(TagList.Parse(text));

    [Fact]
    public void Of_more_than_a_hundred_tags_none_is_looked_at()
    {
        Assert.Equal(100, TagList.Parse(Tags(100))!.Tags.Count);
        Assert.Null(TagList.Parse(Tags(101)));

        static string Tags(int count) => string.Join(';', Enumerable.Range(0, count).Select(i => $"a{i}=x"));
    }

    [Fact]
    public void Any_text_is_read_or_refused()
    {
        Gen.String[Gen.Char["ab=; \r\n\t\0éz1_"], 0, 60].Sample(text =>
        {
            if (TagList.Parse(text) is { } tags)
                Assert.Equal(tags.Tags, TagList.Parse(string.Join("; ", tags.Tags.Select(tag => $"{tag.Name}={tag.Value}")))!.Tags);
        });
    }
}
