using Appliance.Server.Storage;
using Appliance.Server.Storage.Upkeep;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Mailboxes;

public static class MailboxesFeature
{
    public static IServiceCollection AddMailboxes(this IServiceCollection services)
    {
        services.AddOptions<MailboxOptions>().BindConfiguration("Mailboxes").ValidateOnStart();
        services.AddSingleton<IValidateOptions<MailboxOptions>, MailboxOptionsBounds>();
        return services
            .AddCollection(MailboxRow.All)
            .AddCollection(MailboxMemberRow.All)
            .AddCollection(FolderRow.All)
            .AddCollection(MembershipRow.All)
            .AddCollection(MessageRow.All)
            .AddCollection(BodyRow.All)
            .AddCollection(ErasureKeyRow.All)
            .AddCollection(OperationRow.All)
            .AddCollection(RetentionPolicyRow.All)
            .AddCollection(RetentionWorkRow.All)
            .AddCollection(SenderRuleRow.All)
            .AddCollection(ObjectRow.All)
            .AddSingleton<IStoreCheck, MailboxChecks>()
            .AddSingleton<MailboxChanges>()
            .AddSingleton<MailboxReader>()
            .AddSingleton<SenderRules>();
    }
}
