using System.Security.Cryptography;
using System.Text;
using Appliance.Server.Storage;

namespace Appliance.Server.Hosting;

/// <summary>Where the control socket of a data folder is: <c>run/control.sock</c>, on Windows a named pipe of the same owner.</summary>
internal static class ControlAddress
{
    public static string SocketPath(StorageFolder folder) => Path.Combine(folder.Run, "control.sock");

    public static string PipeName(StorageFolder folder) =>
        "appliance-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder.Root.ToUpperInvariant())).AsSpan(0, 8));
}
