using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Appliance.EndToEnd.Harness;

/// <summary>How an <see cref="ApplianceProcess"/> is started.</summary>
public sealed record ApplianceSettings
{
    /// <summary>More settings, as <c>--Section:Key=value</c> takes them.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();

    /// <summary>A program that runs the server under it, such as strace -D; it must leave the server our direct child.</summary>
    public IReadOnlyList<string> Under { get; init; } = [];

    /// <summary>Another program than the one that is tested.</summary>
    public IReadOnlyList<string>? Program { get; init; }

    /// <summary>A data folder elsewhere, which stays there; null: in <see cref="ApplianceProcess.Root"/>.</summary>
    public string? DataPath { get; init; }
}

/// <summary>
/// The real server program on a fresh data folder, free ports and a temporary folder of its own. Everything it leaves
/// lies under <see cref="Root"/>, which <see cref="DisposeAsync"/> deletes.
/// </summary>
public sealed class ApplianceProcess : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    // Nobody disposes of them when a test fails while it begins, or when this process is told to end.
    private static readonly ConcurrentDictionary<ApplianceProcess, bool> Undisposed = [];
    private static readonly IDisposable[] OnEnd = [.. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, _ => KillUndisposed()))];

    static ApplianceProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) => KillUndisposed();

    private readonly ApplianceSettings _settings;
    private Process? _process;
    private Task _logged = Task.CompletedTask;

    private ApplianceProcess(ApplianceSettings settings)
    {
        _settings = settings;
        Directory.CreateDirectory(TempPath);
        Undisposed[this] = true;
    }

    /// <summary>Holds the data folder, the temporary folder and the log.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("appliance-test-").FullName;

    public string DataPath => _settings.DataPath ?? Path.Combine(Root, "data");

    public string TempPath => Path.Combine(Root, "tmp");

    /// <summary>Standard output and standard error, as one file.</summary>
    public string LogPath => Path.Combine(Root, "log");

    public int ProcessId => _process!.Id;

    public IPEndPoint Mx { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>Null unless <c>Listen:Lmtp</c> is set.</summary>
    public IPEndPoint? Lmtp { get; private set; }

    public Uri Web { get; private set; } = new("http://localhost:0");

    public string SetupLink => File.ReadAllText(Path.Combine(DataPath, "secrets", "setup-link")).Trim();

    public string Log()
    {
        using var file = new FileStream(LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    public static async Task<ApplianceProcess> StartAsync(ApplianceSettings? settings = null)
    {
        var appliance = new ApplianceProcess(settings ?? new ApplianceSettings());
        try
        {
            await appliance.StartAsync();
            return appliance;
        }
        catch
        {
            await appliance.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the server again on the same data folder and ports, after <see cref="StopAsync"/> or <see cref="KillAsync"/>.</summary>
    public async Task StartAsync()
    {
        var ports = Path.Combine(DataPath, "run", "ports.json");
        if (File.Exists(ports))
            File.Delete(ports);
        string[] line = [.. _settings.Under, .. _settings.Program ?? Programs.Server, "run", .. Settings()];
        var start = new ProcessStartInfo(line[0], line[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Root };
        start.Environment["TMPDIR"] = TempPath;
        _process = Process.Start(start)!;
        var log = TextWriter.Synchronized(new StreamWriter(LogPath, append: true) { AutoFlush = true });
        _logged = Task.WhenAll(CopyAsync(_process.StandardOutput, log), CopyAsync(_process.StandardError, log))
            .ContinueWith(_ => log.Dispose(), TaskScheduler.Default);

        await Until.TrueAsync(
            () => File.Exists(ports) || _process.HasExited, Deadline, () => "The server did not say its ports.\n" + Log());
        if (_process.HasExited)
        {
            await _logged;
            throw new InvalidOperationException($"The server ended with {_process.ExitCode}:\n{Log()}");
        }
        using var bound = JsonDocument.Parse(await File.ReadAllBytesAsync(ports));
        Mx = new IPEndPoint(IPAddress.Loopback, Port("mx"));
        Lmtp = bound.RootElement.GetProperty("lmtp").ValueKind == JsonValueKind.Null ? null : new IPEndPoint(IPAddress.Loopback, Port("lmtp"));
        Web = new Uri($"http://localhost:{Port("web")}");

        int Port(string listener) => new Uri("tcp://" + bound.RootElement.GetProperty(listener).GetString()).Port;
    }

    /// <summary>Asks the server to end (SIGTERM) and waits until it has.</summary>
    public async Task StopAsync()
    {
        if (_process is null)
            return;
        if (!_process.HasExited)
        {
            await new Command("kill", "-TERM", $"{_process.Id}").RunAsync();
            using var deadline = new CancellationTokenSource(Deadline);
            try
            {
                await _process.WaitForExitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                throw new TimeoutException("The server did not end on SIGTERM.\n" + Log());
            }
        }
        await ForgetAsync(_process);
    }

    /// <summary>Ends the server and its children at once, without a word to them (SIGKILL).</summary>
    public async Task KillAsync()
    {
        _process!.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await ForgetAsync(_process);
    }

    /// <summary>Runs <c>appliance …</c> on this data folder, whether or not the server runs.</summary>
    public Task<CommandResult> CommandAsync(params IEnumerable<string> arguments) => CommandOnAsync(DataPath, arguments);

    /// <summary>Runs <c>appliance …</c> on any data folder.</summary>
    public static Task<CommandResult> CommandOnAsync(string dataPath, params IEnumerable<string> arguments)
    {
        string[] line = [.. Programs.Server, .. arguments, "--Data:Path=" + dataPath];
        return new Command(line[0], line[1..]).RunAsync();
    }

    /// <summary>A one-time link that makes the account of <paramref name="address"/>.</summary>
    public async Task<string> InviteAsync(string address)
    {
        var answer = (await CommandAsync("user", "invite", address, "--json")).Succeeded();
        using var link = JsonDocument.Parse(answer.Output);
        return link.RootElement.GetProperty("link").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        finally
        {
            Undisposed.TryRemove(this, out _);
            Directory.Delete(Root, recursive: true);
        }
    }

    private static void KillUndisposed()
    {
        foreach (var appliance in Undisposed.Keys)
            if (Undisposed.TryRemove(appliance, out _))
                appliance.KillLeftOver();
    }

    private void KillLeftOver()
    {
        try
        {
            _process?.Kill(entireProcessTree: true);
            _process?.WaitForExit(Deadline);
            Directory.Delete(Root, recursive: true);
        }
        catch (Exception gone) when (gone is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            // It ended by itself, or its folder is in use: there is nobody left to tell.
        }
    }

    private async Task ForgetAsync(Process process)
    {
        await _logged;
        process.Dispose();
        _process = null;
    }

    private IEnumerable<string> Settings() =>
        ["--Data:Path=" + DataPath, $"--Listen:Mx=localhost:{Mx.Port}", $"--Listen:Web=localhost:{Web.Port}", .. _settings.Values.Select(pair => $"--{pair.Key}={pair.Value}")];

    private static async Task CopyAsync(StreamReader from, TextWriter to)
    {
        while (await from.ReadLineAsync() is { } line)
            await to.WriteLineAsync(line);
    }
}
