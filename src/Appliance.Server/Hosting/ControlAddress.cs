using System.Security.Cryptography;
using System.Text;

namespace Appliance.Server.Hosting;

/// <summary>Where the control socket of a data folder is: <c>run/control.sock</c>, on Windows a named pipe of the same owner.</summary>
internal static class ControlAddress
{
    public static string SocketPath(string dataPath) => Path.Combine(dataPath, "run", "control.sock");

    public static string PipeName(string dataPath) =>
        "appliance-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataPath.ToUpperInvariant())).AsSpan(0, 8));
}
