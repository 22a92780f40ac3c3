namespace Appliance.Bridge;

/// <summary>A folder of exported files. A file appears whole or not at all, only its owner may read it, and none is overwritten.</summary>
internal sealed class ExportFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;

    private ExportFolder(string path) => _path = path;

    public static ExportFolder Open(string path)
    {
        var full = Path.GetFullPath(path);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(full);
        else
            Directory.CreateDirectory(full, OwnerOnly | UnixFileMode.UserExecute);
        return new ExportFolder(full);
    }

    public async Task WriteAsync(string name, Func<Stream, Task> write)
    {
        var final = Path.Combine(_path, name);
        if (File.Exists(final))
            return;
        var temporary = Path.Combine(_path, $".{name}.part");
        try
        {
            File.Delete(temporary); // of an export that was interrupted
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = OwnerOnly;
            await using (var file = new FileStream(temporary, options))
            {
                await write(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, final, overwrite: false);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
