using Appliance.Contracts;
using Appliance.Server.Accounts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Mailboxes;

/// <summary>Senders that a member allows or blocks. The address comes in clear, is hashed and forgotten.</summary>
internal static class SenderRuleEndpoints
{
    private const int MostTextBytes = 4_096;

    public static void MapSenderRules(this RouteGroupBuilder mailbox)
    {
        mailbox.MapGet("/sender-rules", (string mailboxId, SenderRules rules) => new SenderRulesResponse(
            [.. rules.List(MailboxEndpoints.MailboxOf(mailboxId)).Select(rule => new SenderRuleResponse(rule.Sender.ToString(), Names.Of(rule.Action), rule.Text))]));
        mailbox.MapPut("/sender-rules", SetAsync);
    }

    private static async Task<Results<Ok<ChangeResponse>, ProblemHttpResult>> SetAsync(
        string mailboxId, SenderRuleRequest request, SenderRules rules, MailboxChanges changes, CancellationToken cancellationToken)
    {
        if (SenderRules.Normalise(request.Sender) is not { } sender)
            return Problems.Invalid("A sender is an address such as ann@example.org, or a domain such as example.org.");
        SenderAction? action = null;
        if (request.Action != "none" && (action = Names.SenderActionOf(request.Action)) is null)
            return Problems.Invalid("The action is allow, block or none.");
        if (request.Text.Length > MostTextBytes || (action is not null && request.Text.Length == 0))
            return Problems.Invalid($"The text is sealed, and not over {MostTextBytes} bytes.");
        var mailbox = MailboxEndpoints.MailboxOf(mailboxId);
        if (action is not null && rules.List(mailbox).Count >= SenderRules.Most)
            return Problems.Invalid($"There are {SenderRules.Most} rules already. Remove some, or write a rule for a whole domain.");
        var changed = await rules.SetAsync(mailbox, sender, action, request.Text, cancellationToken);
        changes.Publish([changed]);
        return TypedResults.Ok(new ChangeResponse(changed.ModSeq));
    }
}
