namespace Appliance.Server.Mailboxes;

/// <summary>The time by which messages expire, whatever the machine's clock says.</summary>
public interface IExpiryClock
{
    /// <summary>A message that expires before this is shown to nobody.</summary>
    DateTimeOffset HiddenBefore { get; }
}

public static class ExpiryClockExtensions
{
    public static bool Hides(this IExpiryClock clock, MessageRow message) => message.ExpiresAt <= clock.HiddenBefore;
}
