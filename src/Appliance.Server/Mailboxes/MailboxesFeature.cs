namespace Appliance.Server.Mailboxes;

public static class MailboxesFeature
{
    public static IServiceCollection AddMailboxes(this IServiceCollection services) =>
        services.AddSingleton<MailboxChanges>().AddSingleton<MailboxReader>();
}
