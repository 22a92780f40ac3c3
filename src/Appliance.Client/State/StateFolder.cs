using System.Text.Json;

namespace Appliance.Client.State;

/// <summary>
/// The folder that holds one account's <c>state.json</c>. Only its owner may look in: folder 0700, file 0600 (on Windows the profile's own
/// access list). The file is replaced whole, so a crash leaves the old one or the new one.
/// </summary>
public sealed class StateFolder(string path)
{
    private const string FileName = "state.json";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private string FilePath => Path.Combine(path, FileName);

    /// <summary>$XDG_STATE_HOME or ~/.local/state; on Windows the local application data (not carried along in roaming profiles).</summary>
    public static StateFolder Default()
    {
        var parent = OperatingSystem.IsWindows()
            ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } given && Path.IsPathRooted(given)
                ? given
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        return new StateFolder(Path.Combine(parent, "appliance-bridge"));
    }

    /// <summary>Null when nobody is signed in.</summary>
    /// <exception cref="FormatException">Damaged, or of a version this program does not know.</exception>
    public SavedSession? Load()
    {
        byte[] json;
        try
        {
            json = File.ReadAllBytes(FilePath);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        try
        {
            var version = JsonSerializer.Deserialize(json, StateJson.Default.StateVersion)?.Version;
            return version == SavedSession.CurrentVersion
                ? JsonSerializer.Deserialize(json, StateJson.Default.SavedSession)
                : throw new FormatException($"{FilePath} has version {version}, which this program does not know. Update it, or delete the file and log in again.");
        }
        catch (JsonException exception)
        {
            throw new FormatException($"{FilePath} is damaged. Delete it and log in again.", exception);
        }
    }

    public void Save(SavedSession session)
    {
        CreateFolder();
        var temporary = FilePath + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using (var file = new FileStream(temporary, options))
        {
            JsonSerializer.Serialize(file, session, StateJson.Default.SavedSession);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, FilePath, overwrite: true);
    }

    public void Clear()
    {
        if (Directory.Exists(path))
            File.Delete(FilePath);
    }

    private void CreateFolder()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }
        const UnixFileMode ownerFolder = OwnerOnly | UnixFileMode.UserExecute;
        Directory.CreateDirectory(path, ownerFolder);
        File.SetUnixFileMode(path, ownerFolder); // it may have been there before
    }
}
