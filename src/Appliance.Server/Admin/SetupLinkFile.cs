using Appliance.Server.Domains;
using Appliance.Server.Storage;

namespace Appliance.Server.Admin;

/// <summary>
/// The set-up link in <c>secrets/setup-link</c>, readable by the service's user alone, for when no terminal shows it.
/// Removed once the appliance is set up.
/// </summary>
public sealed class SetupLinkFile(StoreHost host, IStore store)
{
    public string Path { get; } = System.IO.Path.Combine(host.Folder.Secrets, "setup-link");

    public void Write(string link)
    {
        using var file = DataFolder.OpenPrivate(Path, FileMode.Create);
        using var writer = new StreamWriter(file);
        writer.WriteLine(link);
    }

    public void RemoveIfSetUp()
    {
        if (store.AnyDomain())
            File.Delete(Path);
    }
}
