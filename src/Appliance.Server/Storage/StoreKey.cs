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
        if (storeExists && !File.Exists(path))
            throw new StoreDamagedException($"The store's key is missing: {path}. Put the key back; without it nothing in the store can be read.");
        var key = File.Exists(path) ? File.ReadAllBytes(path) : Make(path);
        if (!storeExists)
            FolderSync.Sync(folder.Secrets); // also when an earlier start made the key and was killed
        return key.Length == Length
            ? key
            : throw new StoreDamagedException($"{path} has {key.Length} bytes; a store key has {Length}. Put the right key back.");
    }

    /// <summary>Under another name until it is whole, so that an interrupted start leaves no half of a key.</summary>
    private static byte[] Make(string path)
    {
        var key = RandomNumberGenerator.GetBytes(Length);
        using (var file = DataFolder.OpenPrivate(path + ".new", FileMode.Create))
        {
            file.Write(key);
            file.Flush(flushToDisk: true);
        }
        File.Move(path + ".new", path);
        return key;
    }
}
