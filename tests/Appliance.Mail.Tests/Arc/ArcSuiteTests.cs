using System.Buffers;
using System.Globalization;
using System.Text;
using Appliance.Mail.Arc;
using Appliance.Mail.Dkim;
using Appliance.Mail.Dns;
using Appliance.Mail.Headers;
using Appliance.Mail.Tests.Dns;

namespace Appliance.Mail.Tests.Arc;

/// <summary>The ARC test suite, its keys served over real DNS packets.</summary>
public sealed class ArcSuiteTests
{
    [Fact]
    public void The_suite_is_here()
    {
        Assert.SkipWhen(Suites.Find("arc-draft-validation-tests.yml") is null, "The suites do not lie beside the project.");
        Assert.Equal(175, ArcSuite.Validation.Count);
        Assert.Equal(17, ArcSuite.Sealing.Count);
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(ArcSuite.ValidationNames), MemberType = typeof(ArcSuite))]
    public async Task Finds_of_a_chain_what_the_suite_expects(string name)
    {
        var test = ArcSuite.Validation.Single(one => one.Name == name);
        var outcome = await ValidateAsync(test, test.Message);
        var expected = test.Fields["cv"].Trim().ToLowerInvariant();
        if (expected.Length > 0)
            Assert.Equal(expected, outcome.Word);
        else
            Assert.NotEqual(ArcResult.Pass, outcome.Result); // the suite leaves open what a broken first set is
        Assert.NotEmpty(outcome.Reason);
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(ArcSuite.SealingNames), MemberType = typeof(ArcSuite))]
    public async Task Seals_byte_for_byte_as_the_suite_does(string name)
    {
        var test = ArcSuite.Sealing.Single(one => one.Name == name);
        using var key = SigningKey.FromPem(test.Signer!.Domain, test.Signer.Selector, test.Signer.PrivateKey);
        using var message = Read(test.Message);
        var chain = (await ValidateAsync(test, test.Message)).Result;
        var fields = ArcSealer.Seal(
            message,
            ResultsOf(message, test.Fields["srv-id"]),
            chain,
            key,
            DateTimeOffset.FromUnixTimeSeconds(long.Parse(test.Fields["t"], CultureInfo.InvariantCulture)),
            test.Fields["sig-headers"].Split(':'));
        if (test.Fields["AS"].Trim().Length == 0)
        {
            Assert.Null(fields);
            return;
        }
        using var made = Read(Encoding.UTF8.GetString(fields!) + "\r\n");
        Assert.Equal(Tags(test.Fields["AAR"]), Tags(made, "ARC-Authentication-Results"));
        Assert.Equal(Tags(test.Fields["AMS"]), Tags(made, "ARC-Message-Signature"));
        Assert.Equal(Tags(test.Fields["AS"]), Tags(made, "ARC-Seal"));
    }

    private static async Task<ArcOutcome> ValidateAsync(ArcCase test, string text)
    {
        await using var server = new ZoneServer();
        foreach (var (host, record) in test.Keys)
            server.AddText(host, record);
        var resolver = new DnsResolver(new DnsOptions { Servers = [server.Address], Timeout = TimeSpan.FromSeconds(2), Tries = 2 }, TimeProvider.System);
        using var message = Read(text);
        return await new ArcValidator(resolver).ValidateAsync(message, TestContext.Current.CancellationToken);
    }

    private static HeaderBlock Read(string text) => HeaderBlock.Read(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text)))!;

    /// <summary>What the server found, out of its own fields in the message, as one value.</summary>
    private static string ResultsOf(HeaderBlock message, string server)
    {
        var found = message.All("Authentication-Results")
            .Select(field => Unfolded(Encoding.UTF8.GetString(field.Value.Span)).Split(';', 2))
            .Where(parts => parts[0].Trim() == server)
            .SelectMany(parts => parts[1].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        return $"{server}; {string.Join("; ", found)}";
    }

    private static string Unfolded(string value) => string.Join(' ', value.Split((char[])[' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));

    private static List<string> Tags(HeaderBlock message, string field) => Tags(Encoding.UTF8.GetString(message.All(field).Single().Value.Span));

    private static List<string> Tags(string value) =>
        [.. value.Split(';').Select(tag => string.Concat(tag.Where(character => !char.IsWhiteSpace(character)))).Where(tag => tag.Length > 0)];
}
