using System.Security.Cryptography;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Storage;

/// <summary>
/// The 32 random bytes every page key comes from: the systemd credential <c>store-key</c>, else
/// <c>secrets/store.key</c>, which is made when there is no store yet.
/// </summary>
internal static class StoreKey
{
    public const int Length = 32;

    /// <exception cref="StoreDamagedException">There is a store but no key, or the key has the wrong length.</exception>
    public static byte[] Load(DataFolder folder, bool storeExists)
    {
        var path = Path.Combine(folder.Secrets, "store.key");
        if (Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") is { Length: > 0 } credentials
            && Path.Combine(credentials, "store-key") is var credential && File.Exists(credential))
            path = credential;
        if (!File.Exists(path))
            return storeExists
                ? throw new StoreDamagedException($"The store's key is missing: {path}. Put the key back; without it nothing in the store can be read.")
                : Make(path);
        var key = File.ReadAllBytes(path);
        return key.Length == Length
            ? key
            : throw new StoreDamagedException($"{path} has {key.Length} bytes; a store key has {Length}. Put the right key back.");
    }

    private static byte[] Make(string path)
    {
        var key = RandomNumberGenerator.GetBytes(Length);
        using (var file = DataFolder.OpenPrivate(path, FileMode.CreateNew))
        {
            file.Write(key);
            file.Flush(flushToDisk: true);
        }
        FolderSync.Sync(Path.GetDirectoryName(path)!);
        return key;
    }
}
