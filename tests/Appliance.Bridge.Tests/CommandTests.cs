using System.Diagnostics;
using System.Text.Json;

namespace Appliance.Bridge.Tests;

public sealed class CommandTests : IDisposable
{
    private readonly Member _ann = new();

    public void Dispose() => _ann.Dispose();

    [Fact]
    public async Task Activates_lists_reads_exports_and_logs_out()
    {
        var activated = await _ann.ActivateAsync();
        Assert.Equal((0, ""), (activated.Status, activated.Error));
        var account = JsonDocument.Parse(activated.Output).RootElement;
        Assert.Equal("ann@example.org", account.GetProperty("address").GetString());
        Assert.Equal(SealedMessage.Fingerprint(_ann.Server.AddressPublicKey), account.GetProperty("fingerprint").GetString());
        Assert.Equal(12, account.GetProperty("phrase").GetString()!.Split(' ').Length);

        var messages = Enumerable.Range(1, 5).Select(number => _ann.Deliver($"Größe {number}")).ToList();
        var list = JsonDocument.Parse((await _ann.RunAsync(null, "list", "--json")).Output).RootElement.EnumerateArray().ToList();
        Assert.Equal(messages.Select(message => message.Id).Reverse(), list.Select(entry => entry.GetProperty("id").GetString()));
        Assert.Equal("Größe 5", list[0].GetProperty("subject").GetString());
        Assert.Equal("Bob <bob@example.net>", list[0].GetProperty("from").GetString());
        Assert.Equal("inbox", list[0].GetProperty("folder").GetString());
        Assert.Equal(messages[4].Received.Length, list[0].GetProperty("size").GetInt64());
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero), list[0].GetProperty("date").GetDateTimeOffset());

        Assert.Equal(messages[2].Delivered, (await _ann.RunAsync(null, "read", messages[2].Id)).Output);

        Assert.Equal(0, (await _ann.RunAsync(null, "export", _ann.Folder("out"))).Status);
        Assert.Equal(0, (await _ann.RunAsync(null, "export", _ann.Folder("raw"), "--as-received")).Status);
        foreach (var message in messages)
        {
            Assert.Equal(message.Delivered, await File.ReadAllBytesAsync(Path.Combine(_ann.Folder("out"), $"{message.Id}.eml")));
            Assert.Equal(message.Received, await File.ReadAllBytesAsync(Path.Combine(_ann.Folder("raw"), $"{message.Id}.eml")));
        }

        Assert.Equal(0, (await _ann.RunAsync(null, "logout")).Status);
        Assert.False(_ann.Server.HasSession);
        Assert.Empty(Directory.GetFiles(_ann.State));
        var after = await _ann.RunAsync(null, "list");
        Assert.Equal(1, after.Status);
        Assert.Contains("appliance-bridge login", after.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_in_again_with_the_password()
    {
        await _ann.ActivateAsync();
        var message = _ann.Deliver("hello");
        await _ann.RunAsync(null, "logout");
        Assert.Equal(0, (await _ann.LogInAsync()).Status);
        Assert.Equal(message.Delivered, (await _ann.RunAsync(null, "read", message.Id)).Output);
    }

    [Fact]
    public async Task Exports_sealed_parts_that_begin_with_the_key_packet_and_leaves_existing_files_alone()
    {
        await _ann.ActivateAsync();
        var message = _ann.Deliver("hello");
        var folder = Directory.CreateDirectory(_ann.Folder("sealed")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, $"{message.Id}.1.pgp"), "mine");
        Assert.Equal(0, (await _ann.RunAsync(null, "export", folder, "--sealed")).Status);
        byte[] Expected(byte[] part) => [.. message.KeyPacket.Packet, .. part];
        Assert.Equal(Expected(message.Summary), await File.ReadAllBytesAsync(Path.Combine(folder, $"{message.Id}.summary.pgp")));
        Assert.Equal(Expected(message.Segments[0]), await File.ReadAllBytesAsync(Path.Combine(folder, $"{message.Id}.0.pgp")));
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(folder, $"{message.Id}.1.pgp")));
        Assert.Equal(4, Directory.GetFiles(folder).Length);
    }

    [Fact]
    public async Task Exported_key_decrypts_a_sealed_segment_with_gpg()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/gpg"), "needs gpg");
        await _ann.ActivateAsync();
        var message = _ann.Deliver("hello");
        await _ann.RunAsync(null, "export", _ann.Folder("sealed"), "--sealed");
        var key = await _ann.RunAsync("a new pässphrase", "key", "export");
        Assert.StartsWith("-----BEGIN PGP PRIVATE KEY BLOCK-----", key.Text, StringComparison.Ordinal);
        await File.WriteAllBytesAsync(_ann.Folder("key.asc"), key.Output);
        var home = Directory.CreateDirectory(_ann.Folder("gnupg")).FullName;
        string[] shared = ["--homedir", home, "--no-permission-warning", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "a new pässphrase"];
        Assert.Equal(0, (await GpgAsync([.. shared, "--import", _ann.Folder("key.asc")])).Status);
        var opened = await GpgAsync([.. shared, "--decrypt", Path.Combine(_ann.Folder("sealed"), $"{message.Id}.0.pgp")]);
        Assert.Equal(message.Trace, opened.Output);
    }

    [Fact]
    public async Task Exported_key_decrypts_a_sealed_segment_with_sequoia()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/sqop"), "needs sqop");
        await _ann.ActivateAsync();
        var message = _ann.Deliver("hello");
        await _ann.RunAsync(null, "export", _ann.Folder("sealed"), "--sealed");
        await File.WriteAllBytesAsync(_ann.Folder("key.asc"), (await _ann.RunAsync("a new passphrase", "key", "export")).Output);
        await File.WriteAllTextAsync(_ann.Folder("passphrase"), "a new passphrase");
        var opened = await RunAsync(
            "/usr/bin/sqop", ["decrypt", $"--with-key-password={_ann.Folder("passphrase")}", _ann.Folder("key.asc")],
            await File.ReadAllBytesAsync(Path.Combine(_ann.Folder("sealed"), $"{message.Id}.0.pgp")));
        Assert.Equal((0, message.Trace.Length), (opened.Status, opened.Output.Length));
        Assert.Equal(message.Trace, opened.Output);
    }

    [Fact]
    public async Task Only_the_owner_may_look_into_the_state_folder()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "access lists there");
        await _ann.ActivateAsync();
#pragma warning disable CA1416 // skipped on Windows
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_ann.State));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_ann.State, "state.json")));
#pragma warning restore CA1416
    }

    [Theory]
    [InlineData("read", "../../etc/passwd")]
    [InlineData("frobnicate")]
    [InlineData("export", "out", "--sealed", "--as-received")]
    [InlineData("login", "http://mail.example.org", "ann@example.org")]
    [InlineData("activate", "https://mail.example.org/activate")]
    [InlineData("login", "https://mail.example.org", "ann@example.org", "--fingerprint", "abc")]
    public async Task Wrong_usage_has_exit_status_2(params string[] args)
    {
        var outcome = await _ann.RunAsync("some password", args);
        Assert.Equal(2, outcome.Status);
        Assert.NotEmpty(outcome.Error);
        Assert.Empty(_ann.Server.Requests);
    }

    [Fact]
    public async Task Refuses_a_short_password_before_asking_the_server()
    {
        var outcome = await _ann.RunAsync("short", "activate", $"https://mail.example.org/activate#{_ann.Server.Token}");
        Assert.Equal(2, outcome.Status);
        Assert.Contains("at least 10", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(_ann.Server.Requests);
    }

    private static Task<Outcome> GpgAsync(string[] args) => RunAsync("/usr/bin/gpg", args, []);

    private static async Task<Outcome> RunAsync(string program, string[] args, byte[] input)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var output = new MemoryStream();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        return new Outcome(process.ExitCode, output.ToArray(), await error);
    }
}
