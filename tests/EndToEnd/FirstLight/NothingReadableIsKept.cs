using Appliance.EndToEnd.Canary;
using Appliance.EndToEnd.Harness;
using Appliance.Server.Storage;
using Appliance.Server.Storage.LiteDb;

namespace Appliance.EndToEnd.FirstLight;

/// <summary>
/// Promise 1, from outside: of 200 messages with marks in their headers, bodies, attachments and file names, the server left no mark in
/// any file, nor in the store once its own encryption is taken off.
/// </summary>
[Collection(typeof(AfterFirstLight))]
public sealed class NothingReadableIsKept(FirstLightRun run)
{
    private readonly CanaryScanner _scanner = new(run.Sent.SelectMany(message => message.Marks));

    [Fact]
    public void No_mark_is_in_the_data_the_temporary_files_or_the_log()
    {
        var report = _scanner.ScanFolder(run.ServerRoot);
        Assert.True(report.Bytes > run.Sent.Sum(message => (long)message.Bytes.Length), "The store is smaller than the mail in it.");
        Assert.Empty(report.Findings);
    }

    [Fact]
    public void No_mark_is_in_the_store_without_its_own_encryption()
    {
        var report = _scanner.ScanFiles(run.Dumps);
        Assert.Equal(2, report.Files);
        Assert.True(report.Bytes > 2 * run.Sent.Sum(message => (long)message.Bytes.Length), "The dumps are smaller than the mail in them.");
        Assert.Empty(report.Findings);
    }

    [Fact]
    public void The_server_writes_to_its_own_folders_alone()
    {
        string[] own = [run.ServerRoot + "/", "/dev/", "/proc/", "/memfd:"];
        Assert.NotEmpty(run.OpenedFiles);
        Assert.DoesNotContain(run.OpenedFiles, file => !own.Any(place => file.Path.StartsWith(place, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(Household.AnnAddress)]
    [InlineData(Household.BenAddress)]
    [InlineData("127.0.0.1")]
    public void The_log_names_nobody(string who) => Assert.DoesNotContain(who, run.ServerLog, StringComparison.OrdinalIgnoreCase);

    /// <summary>The positive control: what is put into the store in clear is found, by the same scanner in the same way.</summary>
    [Fact]
    public async Task A_clear_marker_row_is_found_in_the_dump()
    {
        var folder = Directory.CreateTempSubdirectory("appliance-marker-").FullName;
        try
        {
            var (data, dump) = (Path.Combine(folder, "data"), Path.Combine(folder, "dump"));
            (await new Command("cp", "-r", run.DataPath, data).RunAsync()).Succeeded();
            var marker = new MarkerRow { Id = "marker", Text = run.Sent[0].Marks[0] };
            await using (var store = await LiteDbStore.OpenAsync(new StoreOptions { Path = data }, [MarkerRow.All], TimeProvider.System))
                await store.WriteAsync(transaction =>
                {
                    transaction.Put(MarkerRow.All, marker);
                    return true;
                });
            (await ApplianceProcess.CommandOnAsync(data, "store", "dump", "--output", dump)).Succeeded();

            Assert.Contains(_scanner.ScanFiles([dump]).Findings, finding => finding.Mark == marker.Text && finding.Encoding == MarkEncoding.Utf8);
            // Even this is not readable from the disk alone.
            Assert.Empty(_scanner.ScanFolder(data).Findings);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
