namespace Appliance.Mail.Dns;

internal static class DnsName
{
    /// <summary>RFC 1035 §2.3.4: labels of 1 to 63 octets, 253 characters in all, without the root's dot.</summary>
    public static bool HasLabels(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > 253)
            return false;
        foreach (var label in name.Split('.'))
            if (name[label].Length is 0 or > 63)
                return false;
        return true;
    }
}
