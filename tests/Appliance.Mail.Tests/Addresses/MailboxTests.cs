using Appliance.Mail.Addresses;
using CsCheck;

namespace Appliance.Mail.Tests.Addresses;

public sealed class MailboxTests
{
    [Theory]
    [InlineData("user@example.test", "user")]
    [InlineData("First.Last+tag@example.test", "First.Last+tag")]
    [InlineData("!#$%&'*+-/=?^_`{|}~@example.test", "!#$%&'*+-/=?^_`{|}~")]
    [InlineData("\"two words\"@example.test", "two words")]
    [InlineData("\"a@b\"@example.test", "a@b")]
    [InlineData("\"q\\\"b\\\\\"@example.test", "q\"b\\")]
    [InlineData("\"\"@example.test", "")]
    [InlineData("\"plain\"@example.test", "plain")]
    [InlineData("用户@example.test", "用户")]
    [InlineData("\"用 户\"@example.test", "用 户")]
    [InlineData("😀@example.test", "😀")]
    public void Keeps_the_local_part_as_it_was_meant(string text, string localPart)
    {
        Assert.True(Mailbox.TryParse(text, out var mailbox));
        Assert.Equal(localPart, mailbox.LocalPart);
        Assert.True(Mailbox.TryParse(mailbox.ToString(), out var again));
        Assert.Equal(mailbox, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("@example.test")]
    [InlineData("user")]
    [InlineData("user@")]
    [InlineData("user@@example.test")]
    [InlineData("a@b@example.test")]
    [InlineData(".user@example.test")]
    [InlineData("user.@example.test")]
    [InlineData("us..er@example.test")]
    [InlineData("us er@example.test")]
    [InlineData("user(comment)@example.test")]
    [InlineData("us\ter@example.test")]
    [InlineData("us\0er@example.test")]
    [InlineData("us\u0085er@example.test")]
    [InlineData("us\u2028er@example.test")]
    [InlineData("us\u00a0er@example.test")]
    [InlineData("us\ufffeer@example.test")]
    [InlineData("\"open@example.test")]
    [InlineData("\"a\"b@example.test")]
    [InlineData("\"a\\")]
    [InlineData("\"a\\\"@example.test")]
    [InlineData("\"a\r\n\"@example.test")]
    [InlineData("\"a\\\0\"@example.test")]
    public void Refuses_what_is_no_address(string text)
    {
        Assert.False(Mailbox.TryParse(text, Mailbox.MaxLocalOctets, out _, out var fault));
        Assert.Equal(AddressFault.Syntax, fault);
    }

    [Fact]
    public void Refuses_half_a_surrogate_pair() => Assert.False(Mailbox.TryParse("\ud800@example.test", out _));

    [Theory]
    [InlineData("x", 64, true)]
    [InlineData("x", 65, false)]
    [InlineData("é", 32, true)]
    [InlineData("é", 33, false)]
    public void Counts_the_local_part_in_octets(string letter, int count, bool isRead)
    {
        var text = string.Concat(Enumerable.Repeat(letter, count)) + "@example.test";
        Assert.Equal(isRead, Mailbox.TryParse(text, Mailbox.MaxLocalOctets, out _, out var fault));
        Assert.Equal(isRead ? AddressFault.None : AddressFault.LocalPartTooLong, fault);
    }

    [Theory]
    [InlineData("John@Example.TEST", "john@example.test")]
    [InlineData("\"john\"@example.test", "john@example.test")]
    [InlineData("JOS\u00c9@b\u00fccher.example", "jos\u00e9@xn--bcher-kva.example")]
    [InlineData("jose\u0301@b\u00fccher.example", "jos\u00e9@xn--bcher-kva.example")]
    public void Looks_up_every_spelling_under_one_key(string text, string key)
    {
        Assert.True(Mailbox.TryParse(text, out var mailbox));
        Assert.Equal(key, mailbox.Key);
    }

    [Fact]
    public void Reads_what_it_writes_whatever_it_was_given() =>
        Gen.String[Gen.OneOf(Gen.Char["ab.@\"\\ <>()\0\t"], Gen.Char["é例\u0301\u2028\ud83d\ude00\ufffe"]), 0, 20].Sample(text =>
            !Mailbox.TryParse(text + "@example.test", out var mailbox)
            || (Mailbox.TryParse(mailbox.ToString(), out var again) && again == mailbox && again.Key == mailbox.Key));
}
