using System.Diagnostics;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Tests.Storage;

/// <summary>A program that begins while a folder is synced is not handed the folder: it would hold it, and its disk, for as long as it runs.</summary>
public sealed class FolderSyncTests
{
    private const int Programs = 100;

    [Fact]
    public async Task A_program_that_begins_meanwhile_does_not_hold_the_folder()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc.");
        var folder = Directory.CreateTempSubdirectory("appliance-sync-");
        try
        {
            using var done = new CancellationTokenSource();
            var syncs = Task.Run(() => SyncUntil(folder.FullName, done.Token), TestContext.Current.CancellationToken);
            for (var i = 0; i < Programs; i++)
                Assert.DoesNotContain(folder.FullName, await OpenFilesOfAChildAsync(), StringComparison.Ordinal);
            await done.CancelAsync();
            Assert.True(await syncs > Programs);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static int SyncUntil(string folder, CancellationToken done)
    {
        var syncs = 0;
        for (; !done.IsCancellationRequested; syncs++)
            FolderSync.Sync(folder);
        return syncs;
    }

    private static async Task<string> OpenFilesOfAChildAsync()
    {
        using var child = Process.Start(new ProcessStartInfo("ls", ["-l", "/proc/self/fd"]) { RedirectStandardOutput = true })!;
        var files = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        return files;
    }
}
