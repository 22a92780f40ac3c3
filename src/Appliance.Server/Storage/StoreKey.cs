using System.Security.Cryptography;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Storage;

/// <summary>
/// The 32 random bytes every page key comes from: the systemd credential <c>store-key</c>, else
/// <c>secrets/store.key</c>, which is made when there is no store yet.
/// </summary>
internal static class StoreKey
{
    public const int Length = 32;

    /// <summary>Where the key is read when it comes from a systemd credential; null when it does not.</summary>
    public static string? CredentialPath =>
        Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") is { Length: > 0 } credentials
        && Path.Combine(credentials, "store-key") is var credential && File.Exists(credential)
            ? credential
            : null;

    /// <exception cref="StoreDamagedException">There is a store but no key, or the key has the wrong length.</exception>
    public static byte[] Load(DataFolder folder, bool storeExists)
    {
        if (CredentialPath is { } credential)
            return Read(credential);
        var path = PathIn(folder);
        if (storeExists)
            Settle(folder);
        if (storeExists && !File.Exists(path))
            throw new StoreDamagedException($"The store's key is missing: {path}. Put the key back; without it nothing in the store can be read.");
        if (!File.Exists(path))
            Make(path);
        if (!storeExists)
            FolderSync.Sync(folder.Secrets); // also when an earlier start made the key and was killed
        return Read(path);
    }

    /// <summary>Makes the key a store is about to be copied under, beside the present one until <see cref="Settle"/>.</summary>
    public static byte[] MakeNext(DataFolder folder)
    {
        File.Delete(NextPathIn(folder));
        Make(NextPathIn(folder));
        FolderSync.Sync(folder.Secrets);
        return Read(NextPathIn(folder));
    }

    /// <summary>A change of the key has ended, or was interrupted: the one that opens the store counts. When none does, both stay.</summary>
    public static void Settle(DataFolder folder)
    {
        var (present, next) = (PathIn(folder), NextPathIn(folder));
        if (!File.Exists(next))
            return;
        var files = StoreDump.FilesIn(folder.Store);
        if (File.Exists(present) && StoreFiles.AreOf(files, Read(present)))
            File.Delete(next);
        else if (File.ReadAllBytes(next) is { Length: Length } key && StoreFiles.AreOf(files, key))
            File.Move(next, present, overwrite: true);
        FolderSync.Sync(folder.Secrets);
    }

    private static string PathIn(DataFolder folder) => Path.Combine(folder.Secrets, "store.key");

    private static string NextPathIn(DataFolder folder) => Path.Combine(folder.Secrets, "store.key.new");

    private static byte[] Read(string path)
    {
        var key = File.ReadAllBytes(path);
        return key.Length == Length
            ? key
            : throw new StoreDamagedException($"{path} has {key.Length} bytes; a store key has {Length}. Put the right key back.");
    }

    /// <summary>Under another name until it is whole, so that an interrupted start leaves no half of a key.</summary>
    private static void Make(string path)
    {
        using (var file = DataFolder.OpenPrivate(path + ".new", FileMode.Create))
        {
            file.Write(RandomNumberGenerator.GetBytes(Length));
            file.Flush(flushToDisk: true);
        }
        File.Move(path + ".new", path);
    }
}
