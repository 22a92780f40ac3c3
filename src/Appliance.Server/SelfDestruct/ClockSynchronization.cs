using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;

namespace Appliance.Server.SelfDestruct;

/// <summary>Whether somebody vouches for the machine's clock.</summary>
public interface IClockSynchronization
{
    bool IsSynchronized();
}

/// <summary>Asks the Linux kernel (<c>adjtimex(2)</c>) or Windows whether a time service keeps the clock. On other systems nobody vouches but the operator.</summary>
internal sealed partial class KernelClock(IOptions<SelfDestructOptions> options) : IClockSynchronization
{
    private const int TimeError = 5; // TIME_ERROR: the clock is not synchronised
    private const int TimexLength = 208; // struct timex on 64-bit Linux; modes = 0 reads and sets nothing

    public bool IsSynchronized()
    {
        if (!options.Value.TrustKernelClock)
            return false;
        if (OperatingSystem.IsWindows())
            return WindowsTime.IsSynchronized();
        if (!OperatingSystem.IsLinux())
            return false;
        var state = ReadClock(new byte[TimexLength]);
        return state is >= 0 and not TimeError;
    }

    [LibraryImport("libc", EntryPoint = "adjtimex")]
    private static partial int ReadClock(byte[] timex);
}
