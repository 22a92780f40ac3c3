using System.Net;

namespace Appliance.Mail.Dns;

/// <summary>The record types that mail needs.</summary>
public enum DnsType
{
    A,
    Aaaa,
    Mx,
    Txt,
#pragma warning disable CA1720 // It is the record's name.
    Ptr,
#pragma warning restore CA1720
}

/// <summary>What became of a question.</summary>
public enum DnsOutcome
{
    /// <summary>At least one record.</summary>
    Found,

    /// <summary>The name exists, without a record of this type.</summary>
    NoData,

    /// <summary>NXDOMAIN (RFC 8020).</summary>
    NoName,

    /// <summary>No usable answer: a time-out, SERVFAIL, REFUSED, nonsense. Temporary; never to be taken for "there is none".</summary>
    Failed,
}

/// <param name="Records">Those of the type asked for; empty unless <see cref="DnsOutcome.Found"/>.</param>
/// <param name="IsAuthentic">DNSSEC, by a resolver whose word we can believe (RFC 4035 §4.9.3).</param>
public sealed record DnsAnswer(DnsOutcome Outcome, IReadOnlyList<DnsRecord> Records, bool IsAuthentic = false)
{
    public static readonly DnsAnswer NoData = new(DnsOutcome.NoData, []);
    public static readonly DnsAnswer NoName = new(DnsOutcome.NoName, []);
    public static readonly DnsAnswer Failed = new(DnsOutcome.Failed, []);
}

public abstract record DnsRecord;

/// <summary>A or AAAA.</summary>
public sealed record AddressRecord(IPAddress Address) : DnsRecord;

/// <param name="Exchange">Lower case, without the root's dot; empty for a null MX (RFC 7505).</param>
public sealed record MxRecord(int Preference, string Exchange) : DnsRecord;

/// <param name="Text">The character strings joined without a space (RFC 7208 §3.3), one char an octet (Latin-1).</param>
public sealed record TxtRecord(string Text) : DnsRecord;

/// <param name="Name">Lower case, without the root's dot.</param>
public sealed record PtrRecord(string Name) : DnsRecord;
