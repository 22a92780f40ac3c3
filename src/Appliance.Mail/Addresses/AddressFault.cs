namespace Appliance.Mail.Addresses;

/// <summary>Why an address was not understood. <see cref="None"/> means that it was.</summary>
public enum AddressFault
{
    None,
    /// <summary>Not the grammar of RFC 5321 §4.1.2 with the additions of RFC 6531 §3.3.</summary>
    Syntax,
    /// <summary>The local part is over its limit (RFC 5321 §4.5.3.1.1).</summary>
    LocalPartTooLong,
    /// <summary>The domain is over 255 octets, or one of its labels over 63 (RFC 5321 §4.5.3.1.2, RFC 1035 §2.3.4).</summary>
    DomainTooLong,
}
