using System.Net;
using Appliance.Mail.Authentication;
using Appliance.Server.Inbound;
using Microsoft.Extensions.Configuration;

namespace Appliance.Server.Tests.Inbound;

public sealed class MailAuthRulesTests
{
    [Fact]
    public void A_domain_may_have_rules_of_its_own_and_keeps_the_others()
    {
        var options = Read(("OnQuarantine", "Accept"), ("Domains:shop.example:OnReject", "Junk"));
        Assert.Equal(new ArrivalRules { OnQuarantine = ArrivalAction.Accept }, options.RulesFor("home.example"));
        Assert.Equal(new ArrivalRules { OnQuarantine = ArrivalAction.Accept, OnReject = ArrivalAction.Junk }, options.RulesFor("SHOP.example"));
    }

    [Theory]
    [InlineData("ExemptClients", "everybody", "MailAuth:ExemptClients is \"everybody\"; write networks")]
    [InlineData("TrustedSealers", "lists.example,other.example", "MailAuth:TrustedSealers")]
    [InlineData("OnTrustedChain", "Refuse", "MailAuth:OnTrustedChain is Refuse; it can be Junk or Accept.")]
    [InlineData("OnTemporaryError", "Junk", "MailAuth:OnTemporaryError is Junk; it can be Accept or Defer.")]
    [InlineData("Domains:shop.example:OnReject", "Defer", "MailAuth:Domains:shop.example:OnReject and OnQuarantine can be")]
    public void Says_what_is_wrong_with_a_setting(string key, string value, string message) =>
        Assert.Contains(message, new MailAuthOptionsValidation().Validate(null, Read((key, value))).FailureMessage, StringComparison.Ordinal);

    [Fact]
    public void The_defaults_are_valid() => Assert.True(new MailAuthOptionsValidation().Validate(null, new MailAuthOptions()).Succeeded);

    [Theory]
    [InlineData("127.0.0.1:5300 [::1]:53 192.0.2.1", true)]
    [InlineData("", true)]
    [InlineData("resolver.example", false)]
    public void Resolvers_are_addresses(string servers, bool isValid) =>
        Assert.Equal(isValid, new DnsServersValidation().Validate(null, new DnsServers { Servers = servers }).Succeeded);

    [Fact]
    public void A_resolver_without_a_port_is_asked_at_53() =>
        Assert.Equal(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 53), Assert.Single(new DnsServers { Servers = "192.0.2.1" }.ToOptions().Servers));

    [Fact]
    public void Recipients_of_one_message_share_its_rules_or_come_in_another()
    {
        var options = Read(("Domains:shop.example:OnReject", "Junk"));
        Assert.Equal(options.RulesFor("home.example"), options.RulesFor("farm.example"));
        Assert.NotEqual(options.RulesFor("home.example"), options.RulesFor("shop.example"));
    }

    private static MailAuthOptions Read(params (string Key, string Value)[] settings)
    {
        var options = new MailAuthOptions();
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(one => KeyValuePair.Create(one.Key, (string?)one.Value))).Build().Bind(options);
        return options;
    }
}
