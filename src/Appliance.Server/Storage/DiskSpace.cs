using System.Security.Cryptography;

namespace Appliance.Server.Storage;

/// <summary>
/// The room left on the data folder's disk. Below a reserve no mail is taken; should the disk fill up all the same, the ballast, a file that is
/// there to be deleted, makes room for what frees more of it.
/// </summary>
internal sealed class DiskSpace(string folder, StoreOptions options)
{
    public const int BallastBytes = 4 << 20;
    private const long Plenty = 256 << 20;
    private readonly string _ballast = Path.Combine(folder, "ballast");
    private readonly DriveInfo _drive = new(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder);
    private readonly long _reserve = options.ReserveMegabytes << 20;
    private long _plentyUntil; // by the system's tick count

    /// <summary>What may be used before mail is refused; below zero when it is.</summary>
    public long AvailableBytes => _drive.AvailableFreeSpace - _reserve;

    /// <summary>While there is plenty of room, as of a second ago at most.</summary>
    public bool HasRoomFor(long bytes)
    {
        var now = Environment.TickCount64;
        if (bytes <= Plenty && now < Volatile.Read(ref _plentyUntil))
            return true;
        var available = AvailableBytes;
        Volatile.Write(ref _plentyUntil, available >= 8 * Plenty ? now + 1000 : 0);
        return bytes <= available;
    }

    /// <summary>Puts the ballast in its place when it is missing and there is plenty of room.</summary>
    public void LayBallast()
    {
        try
        {
            if (File.Exists(_ballast) || !HasRoomFor(2 * BallastBytes))
                return;
            // Random, as some file systems keep zeros in no room at all.
            using var file = DataFolder.OpenPrivate(_ballast, FileMode.CreateNew);
            var bytes = RandomNumberGenerator.GetBytes(1 << 20);
            for (var written = 0; written < BallastBytes; written += bytes.Length)
                file.Write(bytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            ReleaseBallast(); // a piece of it would count as the whole
        }
    }

    public void ReleaseBallast()
    {
        try
        {
            File.Delete(_ballast);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Nothing was gained.
        }
    }
}
