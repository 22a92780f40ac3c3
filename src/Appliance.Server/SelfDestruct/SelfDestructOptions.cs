namespace Appliance.Server.SelfDestruct;

/// <summary>Settings <c>SelfDestruct:*</c>.</summary>
public sealed class SelfDestructOptions
{
    /// <summary>How often expired messages are looked for, in seconds: 1 to 60.</summary>
    public int EverySeconds { get; set; } = 60;

    /// <summary>Whether a leap of the clock is believed when the kernel says that a time service keeps it.</summary>
    public bool TrustKernelClock { get; set; } = true;
}
