using Appliance.Contracts;
using Appliance.Mail.Addresses;
using Appliance.Server.Keys;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;

namespace Appliance.Server.Admin;

/// <summary>How much the operator lets a member's mailbox hold.</summary>
public static class Quotas
{
    public static async Task<Outcome<QuotaResponse>> SetAsync(IStore store, QuotaRequest request, CancellationToken cancellationToken)
    {
        if (!Mailbox.TryParse(request.Address, out var address))
            return new Refused($"{request.Address} is not an e-mail address; write it like ann@example.org.");
        if (request.Bytes < 0)
            return new Refused("A quota is a number of bytes, or 0 for none.");
        return await store.WriteAsync<Outcome<QuotaResponse>>(
            transaction => transaction.FindAddress(address.Key) is not { } member
                ? new Refused($"{address} is no member's address. See: appliance user list")
                : transaction.SetQuota(member.MailboxId, request.Bytes) is not { } mailbox
                    ? new Refused($"{address} has no mailbox yet: the invitation was not used.")
                    : new QuotaResponse(member.Address, mailbox.UsedBytes ?? 0, mailbox.QuotaBytes),
            cancellationToken);
    }
}
