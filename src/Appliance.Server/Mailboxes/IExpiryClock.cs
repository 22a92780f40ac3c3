namespace Appliance.Server.Mailboxes;

/// <summary>The time by which messages expire, which never goes back, whatever the machine's clock does.</summary>
public interface IExpiryClock
{
    /// <summary>A message that expires at or before this is shown to nobody and changed by nobody any more.</summary>
    DateTimeOffset Now { get; }
}

public static class ExpiryClockExtensions
{
    public static bool Hides(this IExpiryClock clock, MessageRow message) => message.HasExpired(clock.Now);
}
