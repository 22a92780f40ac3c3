namespace Appliance.Server.Storage.Pages;

/// <summary>
/// The file system as the store uses it: the place where a test can lose all that was not synced. A file's content is
/// durable after <see cref="IPageFile.Sync"/>, its name after <see cref="SyncFolder"/> of the folder it lies in.
/// </summary>
internal interface IDisk
{
    bool HasFolder(string path);

    /// <summary>Makes a folder; one that is there already is no error.</summary>
    void MakeFolder(string path);

    void MoveFolder(string from, string to);

    /// <summary>Deletes a folder and what is in it; one that is not there is no error.</summary>
    void DeleteFolder(string path);

    /// <summary>Returns once the names in a folder are on the medium.</summary>
    void SyncFolder(string path);

    /// <summary>Makes a file that must not be there yet.</summary>
    IPageFile Create(string path);

    /// <summary>Opens a file to read and write, and makes it when it is missing.</summary>
    IPageFile Open(string path);

    bool HasFile(string path);

    /// <summary>When a file was last written.</summary>
    DateTimeOffset WrittenAt(string path);

    /// <summary>Opens a file to read, even beside a running store; one that is not there reads as empty.</summary>
    IPageFile OpenToRead(string path);

    /// <summary>Deletes a file; one that is not there is no error.</summary>
    void Delete(string path);

    /// <summary>The paths of all files in a folder and those below it.</summary>
    IReadOnlyList<string> Files(string folder);
}
