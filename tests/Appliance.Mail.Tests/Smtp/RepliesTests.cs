using System.Reflection;
using Appliance.Mail.Smtp;

namespace Appliance.Mail.Tests.Smtp;

/// <summary>What is said to a sender who is refused: RFC 3463's class agrees with the code, and there is a sentence.</summary>
public sealed class RepliesTests
{
    private static readonly SmtpReply[] All =
        [.. typeof(SmtpReplies).GetFields(BindingFlags.Static | BindingFlags.Public).Select(field => field.GetValue(null)).OfType<SmtpReply>()];

    [Fact]
    public void Every_refusal_has_an_enhanced_code_of_its_class_and_a_sentence()
    {
        var refusals = All.Where(reply => reply.Code >= 400).ToList();
        Assert.True(refusals.Count > 30);
        Assert.All(refusals, reply =>
        {
            Assert.Matches(@"^[45]\.[0-7]\.\d{1,2}$", reply.Enhanced);
            Assert.Equal(reply.Code / 100, reply.Enhanced[0] - '0');
            Assert.Contains(' ', reply.Text);
        });
    }
}
