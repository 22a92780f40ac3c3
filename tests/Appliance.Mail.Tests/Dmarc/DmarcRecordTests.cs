using Appliance.Mail.Dmarc;
using CsCheck;

namespace Appliance.Mail.Tests.Dmarc;

public sealed class DmarcRecordTests
{
    [Theory]
    [InlineData("v=DMARC1; p=reject", "v=DMARC1; p=reject; sp=reject; np=reject; adkim=r; aspf=r; psd=u; t=n")]
    [InlineData("v=DMARC1;p=none", "v=DMARC1; p=none; sp=none; np=none; adkim=r; aspf=r; psd=u; t=n")]
    [InlineData(" v = DMARC1 ; P = Quarantine ; SP=none; ADKIM=S; aspf=s; t=Y; psd=N; ", "v=DMARC1; p=quarantine; sp=none; np=none; adkim=s; aspf=s; psd=n; t=y")]
    [InlineData("v=DMARC1; p=none; np=reject; psd=y", "v=DMARC1; p=none; sp=none; np=reject; adkim=r; aspf=r; psd=y; t=n")]
    [InlineData("v=DMARC1; p=reject; adkim=x; aspf=; psd=maybe; t=?; pct=50; ri=1; unknown=1; nonsense", "v=DMARC1; p=reject; sp=reject; np=reject; adkim=r; aspf=r; psd=u; t=n")]
    [InlineData("v=DMARC1; p=reject; p=none", "v=DMARC1; p=reject; sp=reject; np=reject; adkim=r; aspf=r; psd=u; t=n")]
    [InlineData("v=DMARC1; rua=mailto:a@example.org,mailto:b@example.org", "v=DMARC1; p=none; sp=none; np=none; adkim=r; aspf=r; psd=u; t=n; rua=mailto:a@example.org,mailto:b@example.org")]
    [InlineData("v=DMARC1; p=refuse; rua=mailto:a@example.org", "v=DMARC1; p=none; sp=none; np=none; adkim=r; aspf=r; psd=u; t=n; rua=mailto:a@example.org")]
    [InlineData("v=DMARC1; p=reject; sp=refuse; rua=mailto:a@example.org", "v=DMARC1; p=none; sp=none; np=none; adkim=r; aspf=r; psd=u; t=n; rua=mailto:a@example.org")]
    public void Reads_a_record_and_passes_over_what_is_wrong_or_unknown(string text, string expected) => Assert.Equal(expected, DmarcRecord.Parse(text)?.ToString());

    [Theory]
    [InlineData("v=DMARC1")]
    [InlineData("v=DMARC1; p=refuse")]
    [InlineData("v=DMARC1; p=reject; np=refuse")]
    [InlineData("v=DMARC1; p=refuse; rua=nobody")]
    public void A_record_whose_policy_cannot_be_read_asks_for_nothing(string text) => Assert.False(DmarcRecord.Parse(text)!.IsUsable);

    [Theory]
    [InlineData("")]
    [InlineData("v=DMARC2; p=reject")]
    [InlineData("v=dmarc1; p=reject")]
    [InlineData("V=DMARC1; p=reject")]
    [InlineData("p=reject; v=DMARC1")]
    [InlineData("v=DMARC1 p=reject")]
    [InlineData("v=spf1 -all")]
    public void Is_no_record(string text) => Assert.Null(DmarcRecord.Parse(text));

    [Fact]
    public void What_is_written_is_read_back()
    {
        var policies = Gen.Enum<DmarcPolicy>();
        var alignments = Gen.Enum<DmarcAlignment>();
        Gen.Select(policies, policies, policies, alignments, alignments, Gen.Enum<DmarcSuffix>(), Gen.Bool).Sample((p, sp, np, dkim, spf, suffix, testing) =>
        {
            var written = new DmarcRecord(IsUsable: true, p, sp, np, dkim, spf, suffix, testing, ["mailto:a@example.org"]).ToString();
            Assert.Equal(written, DmarcRecord.Parse(written)!.ToString());
        });
    }

    [Fact]
    public void Any_text_is_read_or_refused()
    {
        Gen.String[Gen.Char["pvnsatruDMARC1=;:, \t\0é"], 0, 80].Sample(text => _ = DmarcRecord.Parse("v=DMARC1;" + text));
        Gen.String[Gen.Char["v=DMARC1; \t"], 0, 20].Sample(text => _ = DmarcRecord.Parse(text));
    }
}
