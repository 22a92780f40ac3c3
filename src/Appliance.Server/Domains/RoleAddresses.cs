using Appliance.Mail.Addresses;

namespace Appliance.Server.Domains;

/// <summary>Addresses every domain has and the operator answers for (RFC 5321 §4.5.1, RFC 2142 §4–5).</summary>
public static class RoleAddresses
{
    public static bool IsRole(Mailbox address) => address.LocalPart.ToLowerInvariant() is "postmaster" or "abuse";
}
