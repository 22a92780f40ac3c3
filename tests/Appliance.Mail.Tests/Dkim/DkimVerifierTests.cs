using Appliance.Mail.Dkim;
using Appliance.Mail.Headers;
using Appliance.Mail.Tests.Dns;
using CsCheck;
using Appliance.Mail.Tests.Smtp;

namespace Appliance.Mail.Tests.Dkim;

public sealed class DkimVerifierTests
{
    // The RSA key of RFC 8463 A.2, 1024 bits.
    private const string RsaRecord = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/b"
        + "yYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";

    private const string Ed25519Record = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

    private const string Usual = "v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=*";

    private readonly ManualTime _time = new();
    private readonly Zone _zone = new() { Texts = { ["brisbane._domainkey.football.example.com"] = [Ed25519Record], ["test._domainkey.football.example.com"] = [RsaRecord] } };

    [Fact]
    public async Task Verifies_both_signatures_of_the_example_of_RFC_8463()
    {
        var outcomes = await VerifyAsync("""
            DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
             d=football.example.com; i=@football.example.com;
             q=dns/txt; s=brisbane; t=1528637909; h=from : to :
             subject : date : message-id : from : subject : date;
             bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
             b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
             Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
            DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
             d=football.example.com; i=@football.example.com;
             q=dns/txt; s=test; t=1528637909; h=from : to : subject :
             date : message-id : from : subject : date;
             bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
             b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
             DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
             dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
            From: Joe SixPack <joe@football.example.com>
            To: Suzie Q <suzie@shopping.example.net>
            Subject: Is dinner ready?
            Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
            Message-ID: <20030712040037.46341.5F8J@football.example.com>

            Hi.

            We lost the game.  Are you hungry yet?

            Joe.

            """);
        Assert.Equal([("pass", "ed25519-sha256"), ("pass", "rsa-sha256")], outcomes.Select(outcome => (outcome.Word, outcome.Algorithm!)));
    }

    [Fact]
    public async Task Verifies_the_example_of_RFC_6376()
    {
        _zone.Texts["brisbane._domainkey.example.com"] =
        [
            "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v"
                + "/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB",
        ];
        var outcome = Assert.Single(await VerifyAsync("""
            DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;
                  c=simple/simple; q=dns/txt; i=joe@football.example.com;
                  h=Received : From : To : Subject : Date : Message-ID;
                  bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
                  b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB
                  4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut
                  KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV
                  4bmp/YzhwvcubU4=;
            Received: from client1.football.example.com  [192.0.2.1]
                  by submitserver.example.com with SUBMISSION;
                  Fri, 11 Jul 2003 21:01:54 -0700 (PDT)
            From: Joe SixPack <joe@football.example.com>
            To: Suzie Q <suzie@shopping.example.net>
            Subject: Is dinner ready?
            Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
            Message-ID: <20030712040037.46341.5F8J@football.example.com>

            Hi.

            We lost the game. Are you hungry yet?

            Joe.

            """));
        Assert.Equal(("pass", "example.com"), (outcome.Word, outcome.Domain));
    }

    /// <summary>Signatures that are true to the message and yet not to be believed, and some that are.</summary>
    [Theory]
    [InlineData(Usual, "pass")]
    [InlineData("v=1; a=ed25519-sha256; d=FOOTBALL.example.com; s=brisbane; h=From:TO:subject; bh=*", "pass")]
    [InlineData("v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=*; unknown=tag", "pass")]
    [InlineData("v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=*; i=joe@sub.football.example.com", "pass")]
    [InlineData("v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=*; t=1; x=99999999999999999999999999", "pass")]
    [InlineData("v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=*; l=17", "pass")] // all of it
    [InlineData("v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=*; l=4", "policy")]
    [InlineData("v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=*; l=0", "policy")]
    [InlineData("v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=*; l=18", "fail")]
    [InlineData("v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=*; x=1700000000", "permerror")]
    [InlineData("v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=*; t=1900000000; x=1800000000", "permerror")]
    [InlineData("v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=*; x=soon", "permerror")]
    [InlineData("v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=*; i=joe@example.com", "permerror")]
    [InlineData("v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=*; i=joe@notfootball.example.com", "permerror")]
    [InlineData("v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=to:subject; bh=*", "permerror")]
    [InlineData("v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=*; q=http/post", "permerror")]
    [InlineData("v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=*; c=loose", "permerror")]
    [InlineData("v=2; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=*", "permerror")]
    [InlineData("a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=*", "permerror")]
    [InlineData("v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=*; d=example.com", "permerror")] // twice
    [InlineData("v=1; a=ed25519-sha256; d=com; s=brisbane; h=from:to:subject; bh=*", "permerror")]
    [InlineData("v=1; a=rsa-sha1; d=football.example.com; s=test; h=from:to:subject; bh=*", "permerror")] // RFC 8301 §3.1
    [InlineData("v=1; a=rsa-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=*", "permerror")] // not the key's algorithm
    [InlineData("v=1; a=ed25519-sha256; d=football.example.com; s=nobody; h=from:to:subject; bh=*", "permerror")]
    [InlineData("v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:to:subject; bh=AAAA", "fail")]
    public async Task Believes_a_signature_only_as_far_as_the_standards_do(string tags, string expected)
    {
        using var key = Messages.Ed25519Key();
        var outcome = Assert.Single(await VerifyAsync(Messages.SignedAs(Messages.Plain, key, tags)));
        Assert.Equal(expected, outcome.Word);
        Assert.NotEmpty(outcome.Reason);
    }

    [Theory]
    [InlineData(Ed25519Record, "pass")]
    [InlineData("k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "pass")]
    [InlineData("v=DKIM1; k=ed25519; h=sha1:sha256; s=email; t=s; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapi MlrwIaaPcHURo=", "pass")]
    [InlineData("v=DKIM1; k=ed25519; t=y; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "pass")]
    [InlineData("v=DKIM1; k=ed25519; p=", "permerror")] // revoked
    [InlineData("v=DKIM1; k=ed25519", "permerror")]
    [InlineData("v=DKIM2; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "permerror")]
    [InlineData("k=ed25519; v=DKIM1; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "permerror")] // v= comes first
    [InlineData("v=DKIM1; k=ed25519; h=sha1; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "permerror")]
    [InlineData("v=DKIM1; k=ed25519; s=tlsrpt; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "permerror")]
    [InlineData("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHUQ==", "permerror")]
    [InlineData("v=DKIM1; k=dsa; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "permerror")]
    [InlineData("v=DKIM1; k=rsa; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "permerror")]
    [InlineData("v=DKIM1; k=ed25519; p=!!!", "permerror")]
    [InlineData("something else", "permerror")]
    public async Task Uses_a_key_only_as_its_record_allows(string record, string expected)
    {
        _zone.Texts["brisbane._domainkey.football.example.com"] = [record];
        using var key = Messages.Ed25519Key();
        Assert.Equal(expected, Assert.Single(await VerifyAsync(Messages.SignedAs(Messages.Plain, key, Usual))).Word);
    }

    [Fact]
    public async Task A_key_of_fewer_than_1024_bits_proves_nothing()
    {
        // RFC 8301 §3.2; a key of 512 bits.
        _zone.Texts["test._domainkey.football.example.com"] = ["v=DKIM1; k=rsa; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAOpbHeyiOuD4LRI6RHXeHpUeV2OgMOpYrYALxTDW95LQfqxM/TTJw0J3aVdw1QDnEQ/byNuoQt1t+hR2icRPam8CAwEAAQ=="];
        using var key = Messages.Ed25519Key();
        var outcome = Assert.Single(await VerifyAsync(Messages.SignedAs(Messages.Plain, key, "v=1; a=rsa-sha256; d=football.example.com; s=test; h=from; bh=*")));
        Assert.Equal("permerror", outcome.Word);
        Assert.Contains("512 bits", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_strict_does_not_sign_for_subdomains()
    {
        _zone.Texts["brisbane._domainkey.football.example.com"] = [Ed25519Record + "; t=s"];
        using var key = Messages.Ed25519Key();
        Assert.Equal("permerror", Assert.Single(await VerifyAsync(Messages.SignedAs(Messages.Plain, key, Usual + "; i=@sub.football.example.com"))).Word);
    }

    [Fact]
    public async Task A_domain_that_is_testing_does_not_fail()
    {
        _zone.Texts["brisbane._domainkey.football.example.com"] = [Ed25519Record + "; t=y"];
        using var key = Messages.Ed25519Key();
        Assert.Equal("neutral", Assert.Single(await VerifyAsync(Messages.Signed(Messages.Plain, key) + "more\r\n")).Word);
    }

    [Fact]
    public async Task A_failure_of_the_DNS_is_temporary()
    {
        _zone.Failing.Add("brisbane._domainkey.football.example.com");
        using var key = Messages.Ed25519Key();
        Assert.Equal("temperror", Assert.Single(await VerifyAsync(Messages.SignedAs(Messages.Plain, key, Usual))).Word);
    }

    [Fact]
    public async Task Looks_at_ten_signatures_and_no_more()
    {
        using var key = Messages.Ed25519Key();
        var text = Messages.Plain;
        for (var i = 0; i < 20; i++)
            text = Messages.SignedAs(text, key, Usual);
        Assert.Equal(DkimVerifier.MostSignatures, (await VerifyAsync(text)).Count);
        Assert.Equal(DkimVerifier.MostSignatures, _zone.Asked.Count);
    }

    [Fact]
    public async Task Verifies_what_names_a_thousand_fields_of_ten_thousand()
    {
        using var key = Messages.Ed25519Key();
        var text = string.Concat(Enumerable.Range(0, HeaderBlock.MostFields - 10).Select(number => $"X{number}: {number}\r\n")) + Messages.Plain;
        var names = string.Join(':', Enumerable.Range(0, 999).Select(number => $"x{number * 10}"));
        Assert.Equal("pass", Assert.Single(await VerifyAsync(Messages.SignedAs(text, key, $"v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from:{names}; bh=*"))).Word);
    }

    [Fact]
    public void A_header_of_more_fields_than_anybody_signs_is_not_read()
    {
        Assert.Null(Messages.Read(string.Concat(Enumerable.Repeat("X: y\r\n", HeaderBlock.MostFields + 1)) + "\r\n"));
        Assert.Null(Messages.Read($"X: {new string('y', HeaderBlock.MostBytes)}\r\n\r\n"));
    }

    [Fact]
    public async Task A_name_of_nothing_signs_no_line_that_is_no_field()
    {
        // A line without a colon has no name either, and was canonicalized as if it had one.
        using var key = Messages.Ed25519Key();
        var text = Messages.Plain.Replace("Subject", "no field\r\nSubject", StringComparison.Ordinal);
        Assert.Equal("pass", Assert.Single(await VerifyAsync(Messages.SignedAs(text, key, "v=1; a=ed25519-sha256; d=football.example.com; s=brisbane; h=from::to:; bh=*"))).Word);
    }

    [Fact]
    public async Task An_author_that_was_added_breaks_a_signature_that_signs_From_once_more_than_it_stands()
    {
        using var key = Messages.Ed25519Key();
        Assert.Equal("fail", Assert.Single(await VerifyAsync("From: mallory@example.net\r\n" + Messages.Signed(Messages.Plain, key))).Word);
    }

    [Fact]
    public async Task What_is_signed_verifies_and_one_flipped_bit_does_not()
    {
        using var key = Messages.Ed25519Key();
        var signed = Messages.Signed(Messages.Plain, key);
        Assert.Equal("pass", await VerifiedAsync(signed));
        var start = signed.IndexOf("From:", StringComparison.Ordinal);
        await Gen.Select(Gen.Int[0, signed.Length - start - 1], Gen.Int[0, 7]).SampleAsync(async (at, bit) =>
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(signed);
            bytes[start + at] ^= (byte)(1 << bit);
            var before = signed[start + at];
            // Relaxed forms pass over the case of a field's name and the kind and amount of white space.
            var isNoChange = char.IsWhiteSpace(before) || char.IsWhiteSpace((char)bytes[start + at]) || (bit == 5 && IsInName(signed, start + at));
            return isNoChange || await VerifiedAsync(System.Text.Encoding.Latin1.GetString(bytes)) != "pass";
        });
    }

    private static bool IsInName(string text, int at)
    {
        var lineStart = text.LastIndexOf('\n', at) + 1;
        return text.IndexOf(':', lineStart) >= at;
    }

    private async Task<string> VerifiedAsync(string text) => await VerifyAsync(text) is [var outcome, ..] ? outcome.Word : "none";

    private async ValueTask<IReadOnlyList<DkimOutcome>> VerifyAsync(string text)
    {
        using var message = Messages.Read(System.Text.Encoding.Latin1.GetBytes(text.ReplaceLineEndings("\r\n")));
        return await new DkimVerifier(_zone, _time).VerifyAsync(message, CancellationToken.None);
    }
}
