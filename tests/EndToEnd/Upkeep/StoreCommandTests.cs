using System.Text.Json;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Upkeep;

/// <summary><c>appliance store …</c> as the operator types it, beside the running service and without it.</summary>
public sealed class StoreCommandTests : IAsyncLifetime
{
    private ApplianceProcess _appliance = null!;

    public async ValueTask InitializeAsync() => _appliance = await ApplianceProcess.StartAsync();

    public ValueTask DisposeAsync() => _appliance.DisposeAsync();

    [Fact]
    public async Task Verify_says_that_a_whole_store_is_whole_while_the_service_runs_and_without_it()
    {
        var running = (await _appliance.CommandAsync("store", "verify")).Succeeded();
        Assert.Contains("The store is whole.", running.Text, StringComparison.Ordinal);
        await _appliance.StopAsync();
        var alone = (await _appliance.CommandAsync("store", "verify", "--json")).Succeeded();
        using var report = JsonDocument.Parse(alone.Output);
        Assert.Equal(0, report.RootElement.GetProperty("findings").GetArrayLength());
        Assert.Equal(1, report.RootElement.GetProperty("rows").GetProperty("meta").GetInt64());
        Assert.Equal(2, (await _appliance.CommandAsync("store", "verify", "everything")).Status);
    }

    [Fact]
    public async Task Verify_ends_with_1_and_names_the_page_when_one_is_bad()
    {
        await DamageAsync("data", atPage: 3);
        var alone = await _appliance.CommandAsync("store", "verify");
        Assert.Equal(1, alone.Status);
        Assert.Contains("store/data page 3 was changed or lost.", alone.Text, StringComparison.Ordinal);
        var json = await _appliance.CommandAsync("store", "verify", "--json");
        Assert.Equal(1, json.Status);
        Assert.Contains("store/data page 3", json.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_does_not_open_is_said_to_be_damaged_and_can_be_dumped()
    {
        await DamageAsync("log", atPage: 0);
        foreach (var command in new[] { "verify", "dump" })
            Assert.Contains("Restore", (await _appliance.CommandAsync("store", command)).Errors, StringComparison.Ordinal);
        Assert.Equal(1, (await _appliance.CommandAsync("store", "verify")).Status);
        var dump = (await _appliance.CommandAsync("store", "dump")).Succeeded();
        Assert.True(dump.Output.Length >= 3 * 8192, $"{dump.Output.Length} bytes");
    }

    [Theory]
    [InlineData("compact")]
    [InlineData("rekey")]
    public async Task Compact_and_rekey_work_beside_the_running_service_and_without_it(string command)
    {
        var before = await KeyAsync();
        (await _appliance.CommandAsync("store", command)).Succeeded();
        var between = await KeyAsync();
        await _appliance.StopAsync();
        using var done = JsonDocument.Parse((await _appliance.CommandAsync("store", command, "--json")).Succeeded().Output);
        Assert.True(done.RootElement.GetProperty("bytesAfter").GetInt64() > 0);
        Assert.Equal(command == "rekey" ? 3 : 1, new[] { before, between, await KeyAsync() }.Distinct().Count());
        await _appliance.StartAsync();
        (await _appliance.CommandAsync("store", "verify")).Succeeded();

        async Task<string> KeyAsync() =>
            Convert.ToHexString(await File.ReadAllBytesAsync(Path.Combine(_appliance.DataPath, "secrets", "store.key")));
    }

    [Fact]
    public async Task Rekey_under_a_systemd_credential_says_what_to_do()
    {
        await _appliance.StopAsync();
        var credentials = Directory.CreateDirectory(Path.Combine(_appliance.Root, "credentials")).FullName;
        File.Move(Path.Combine(_appliance.DataPath, "secrets", "store.key"), Path.Combine(credentials, "store-key"));
        string[] line = [.. Programs.Server, "store", "rekey", "--Data:Path=" + _appliance.DataPath];
        var environment = new Dictionary<string, string> { ["CREDENTIALS_DIRECTORY"] = credentials };
        var refused = await new Command(line[0], line[1..]) { Environment = environment }.RunAsync();
        Assert.Equal(1, refused.Status);
        Assert.Contains("take the credential out of the unit", refused.Errors, StringComparison.Ordinal);
    }

    /// <summary>Stops the service and turns one bit, in page <paramref name="atPage"/> as frames lie in the file.</summary>
    private async Task DamageAsync(string file, int atPage)
    {
        if (file == "data")
            (await _appliance.CommandAsync("store", "compact")).Succeeded(); // leaves nothing in the log
        await _appliance.StopAsync();
        await using var bytes = File.Open(Path.Combine(_appliance.DataPath, "store", file), FileMode.Open);
        bytes.Position = (file == "data" ? 64 + 8250 : 0) + (long)atPage * 8250 + 4000;
        var value = bytes.ReadByte();
        bytes.Position--;
        bytes.WriteByte((byte)(value ^ 1));
    }
}
