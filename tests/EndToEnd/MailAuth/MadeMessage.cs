using System.Buffers;
using System.Text;
using Appliance.Mail.Dkim;
using Appliance.Mail.Headers;

namespace Appliance.EndToEnd.MailAuth;

/// <summary>How dkimpy is to sign; null: our own signer.</summary>
public sealed record Signing(string Domain, string Selector, string Algorithm, string? Canonicalization);

/// <summary>
/// One of the messages that several programs are asked about: a combination of what its envelope's domain publishes, who signed it and how, what happened to it on its way, and
/// what its author's domain asks for. Every number makes another, and the same in every run.
/// </summary>
public sealed record MadeMessage(int Number)
{
    // Prime to the number of combinations: all of them come before any comes twice.
    private const int Stride = 1_237;

    private static readonly string[] Policies =
    [
        "", "v=DMARC1; p=none", "v=DMARC1; p=quarantine", "v=DMARC1; p=reject", "v=DMARC1; p=reject; adkim=s; aspf=s", "v=DMARC1; p=none; sp=reject", "v=DMARC1; p=banana", "twice",
    ];

    private static readonly string[] Senders =
        ["v=spf1 ip4:192.0.2.1 -all", "v=spf1 -all", "v=spf1 ~all", "v=spf1 ?all", "", "v=spf1 nonsense -all", "subdomain", "stranger"];

    private static readonly string[] Signers =
        ["none", "ours rsa author", "ours ed25519 organization", "dkimpy simple/simple", "dkimpy relaxed/simple", "dkimpy simple/relaxed", "stranger", "stranger and author"];

    private static readonly string[] Changes = ["nothing", "body", "subject", "body space", "folding", "two subjects"];

    public static int Combinations => Policies.Length * Senders.Length * Signers.Length * Changes.Length * 2;

    public string Organization => $"o{Number}.example";

    public string Author => Part(0) % 2 == 0 ? Organization : "news." + Organization;

    public string Policy => Policies[Part(1)];

    public string Sender => Senders[Part(2)];

    public string Signer => Signers[Part(3)];

    public string Change => Changes[Part(4)];

    public string MailFrom => Sender switch { "subdomain" => $"bounces@mail.{Organization}", "stranger" => "bounces@stranger.example", _ => $"ann@{Author}" };

    public override string ToString() => $"{Number}: author {Author}; asks \"{Policy}\"; envelope {MailFrom} \"{Sender}\"; signed {Signer}; changed {Change}";

    /// <summary>What the DNS has for this message alone.</summary>
    public IEnumerable<(string Name, string Text)> Records(string rsa, string ed25519)
    {
        if (Policy == "twice")
        {
            yield return ("_dmarc." + Organization, "v=DMARC1; p=reject");
            yield return ("_dmarc." + Organization, "v=DMARC1; p=none");
        }
        else if (Policy.Length > 0)
        {
            yield return ("_dmarc." + Organization, Policy);
        }
        if (Sender == "subdomain")
            yield return ($"mail.{Organization}", "v=spf1 ip4:192.0.2.1 -all");
        else if (Sender.Length > 0 && Sender != "stranger")
            yield return (Author, Sender);
        foreach (var signing in Signings)
            if (signing.Domain != "stranger.example")
                yield return ($"{signing.Selector}._domainkey.{signing.Domain}", signing.Algorithm == "rsa-sha256" ? rsa : ed25519);
    }

    /// <summary>The first signs first.</summary>
    public IReadOnlyList<Signing> Signings => Signer switch
    {
        "none" => [],
        "ours rsa author" => [new(Author, "r", "rsa-sha256", null)],
        "ours ed25519 organization" => [new(Organization, "e", "ed25519-sha256", null)],
        "stranger" => [new("stranger.example", "r", "rsa-sha256", null)],
        "stranger and author" => [new("stranger.example", "r", "rsa-sha256", null), new(Author, "r", "rsa-sha256", "relaxed/relaxed")],
        _ => [new(Author, "r", "rsa-sha256", Signer.Split(' ')[1])],
    };

    public string Original => $"From: Ann <ann@{Author}>\r\nTo: bob@home.example,\r\n carol@home.example\r\nSubject: Message  {Number}\r\n\r\nHello,\r\n\r\nthis is  message {Number}. \r\n\r\n\r\n";

    public string Changed(string message) => Change switch
    {
        "body" => message + "And more.\r\n",
        "subject" => message.Replace("Subject: Message", "Subject: [list] Message", StringComparison.Ordinal),
        "body space" => message.Replace($"this is  message {Number}. ", $"this is \tmessage {Number}.", StringComparison.Ordinal) + "\r\n",
        "folding" => message.Replace("bob@home.example,\r\n carol", "bob@home.example, carol", StringComparison.Ordinal),
        "two subjects" => "Subject: Another\r\n" + message,
        _ => message,
    };

    /// <summary>A field on top.</summary>
    public static string SignedByUs(string message, SigningKey key)
    {
        using var header = HeaderBlock.Read(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(message)))!;
        return Encoding.UTF8.GetString(DkimSigner.Sign(header, key, DateTimeOffset.UnixEpoch.AddSeconds(1_790_000_000), ["from", "to", "subject"])) + message;
    }

    /// <summary>One digit of the number in a system whose bases are the numbers of choices.</summary>
    private int Part(int which)
    {
        var combination = (int)((long)Number * Stride % Combinations);
        foreach (var choices in (int[])[2, Policies.Length, Senders.Length, Signers.Length, Changes.Length])
        {
            if (which-- == 0)
                return combination % choices;
            combination /= choices;
        }
        throw new ArgumentOutOfRangeException(nameof(which));
    }
}
