using System.Runtime.InteropServices;

namespace Appliance.Server.Hosting;

/// <summary>Keeps memory that holds mail out of core dumps and away from other processes of the same user, where the system lets us.</summary>
internal static partial class ProcessHardening
{
    private const int ResourceLimitCore = 4;
    private const int SetDumpable = 4;

    /// <summary>Best effort: a system that refuses is no reason not to serve mail.</summary>
    public static void Apply()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var none = default(ResourceLimit);
        _ = SetResourceLimit(ResourceLimitCore, in none);
        _ = ProcessControl(SetDumpable, 0, 0, 0, 0);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct ResourceLimit
    {
        public readonly ulong Soft;
        public readonly ulong Hard;
    }

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetResourceLimit(int resource, in ResourceLimit limit);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ProcessControl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);
}
