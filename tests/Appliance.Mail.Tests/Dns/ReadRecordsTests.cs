using Appliance.Mail.Dns;

namespace Appliance.Mail.Tests.Dns;

public sealed class ReadRecordsTests
{
    private readonly List<string> _read = [];

    [Fact]
    public void A_text_is_read_once()
    {
        var records = Records();
        Assert.Equal((3, 3), (records.Of("abc"), records.Of("abc")));
        Assert.Equal(["abc"], _read);
    }

    [Fact]
    public void A_long_one_is_not_remembered()
    {
        var records = Records();
        var text = new string('a', ReadRecords<int>.Longest + 1);
        Assert.Equal((text.Length, text.Length), (records.Of(text), records.Of(text)));
        Assert.Equal(2, _read.Count);
    }

    [Fact]
    public void Nor_are_more_than_there_may_be()
    {
        var records = Records();
        for (var i = 0; i <= ReadRecords<int>.Most; i++)
            records.Of($"{i}");
        _read.Clear();
        records.Of("0");
        records.Of($"{ReadRecords<int>.Most}");
        Assert.Equal(["0"], _read);
    }

    private ReadRecords<int> Records() => new(text =>
    {
        _read.Add(text);
        return text.Length;
    });
}
