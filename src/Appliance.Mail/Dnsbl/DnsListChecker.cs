using System.Net;
using System.Net.Sockets;
using Appliance.Mail.Dns;

namespace Appliance.Mail.Dnsbl;

/// <summary>What a list says of an address.</summary>
public enum ListWord
{
    No,
    Listed,

    /// <summary>It does not answer, says that it does not answer us, or lists everybody. Never a listing.</summary>
    Broken,
}

/// <summary>Lists of mail clients in the DNS, of those to be refused (DNSBL) and of those to be trusted (DNSWL): RFC 5782.</summary>
public sealed class DnsListChecker(IDnsResolver dns)
{
    private static readonly IPAddress NeverListed = IPAddress.Parse("127.0.0.1"); // RFC 5782 §5
    private static readonly IPAddress NeverListedIPv6 = IPAddress.Parse("::ffff:127.0.0.1");

    /// <param name="zone">Such as <c>zen.spamhaus.org</c>.</param>
    public async ValueTask<ListWord> AskAsync(string zone, IPAddress client, CancellationToken cancellationToken)
    {
        if (client.IsIPv4MappedToIPv6)
            client = client.MapToIPv4();
        var word = await LookUpAsync(zone, ReverseName.Labels(client), cancellationToken);
        if (word != ListWord.Listed)
            return word;
        // A list that was given up may answer everything alike.
        var test = client.AddressFamily == AddressFamily.InterNetwork ? NeverListed : NeverListedIPv6;
        return await LookUpAsync(zone, ReverseName.Labels(test), cancellationToken) == ListWord.No ? ListWord.Listed : ListWord.Broken;
    }

    private async ValueTask<ListWord> LookUpAsync(string zone, string labels, CancellationToken cancellationToken)
    {
        var answer = await dns.QueryAsync($"{labels}.{zone}", DnsType.A, cancellationToken);
        return answer.Outcome switch
        {
            DnsOutcome.Failed => ListWord.Broken,
            DnsOutcome.Found => answer.Records.OfType<AddressRecord>().All(record => IsCode(record.Address)) ? ListWord.Listed : ListWord.Broken,
            _ => ListWord.No,
        };
    }

    /// <summary>
    /// Codes lie in 127.0.0.0/8 (§2.1), else somebody answers in the list's stead. Those in 127.255.255.0/24 are errors (a public resolver, too many questions), and so is
    /// dnswl.org's 127.0.0.255.
    /// </summary>
    private static bool IsCode(IPAddress answer) => answer.GetAddressBytes() is [127, var second, var third, var last] && (second, third) != (255, 255) && (second, third, last) != (0, 0, 255);
}
