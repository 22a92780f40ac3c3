using Appliance.Mail.Dns;
using Appliance.Mail.Spf;

namespace Appliance.Mail.Tests.Spf;

/// <summary>The RFC 7208 test suite, answered by a DNS server over real packets.</summary>
public sealed class SpfSuiteTests
{
    [Fact]
    public void The_suite_is_here()
    {
        Assert.SkipWhen(Suites.Find("rfc7208-tests.yml") is null, "The suites do not lie beside the project.");
        Assert.Equal(203, SpfSuite.Cases.Count);
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(SpfSuite.Names), MemberType = typeof(SpfSuite))]
    public async Task Gives_the_result_and_the_explanation_that_the_suite_expects(string name)
    {
        var test = SpfSuite.Cases.Single(one => one.Name == name);
        await using var server = test.Scenario.Serve();
        var resolver = new DnsResolver(new DnsOptions { Servers = [server.Address], Timeout = TimeSpan.FromMilliseconds(500), Tries = 1 }, TimeProvider.System);
        var outcome = await new SpfChecker(resolver, TimeProvider.System, "receiver.example").CheckSenderAsync(
            test.Client, test.Helo, test.Sender, TestContext.Current.CancellationToken);
        Assert.Contains(outcome.Word, test.Results);
        if (test.Explanation is { } explanation and not "DEFAULT" && outcome.Result == SpfResult.Fail)
            Assert.Equal(explanation, outcome.Explanation);
        Assert.NotEmpty(outcome.Reason);
    }
}
