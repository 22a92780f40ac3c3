using System.Diagnostics;

namespace Appliance.EndToEnd.Harness;

/// <summary>What a program left behind: exit status, standard output as bytes, standard error as text.</summary>
public sealed record CommandResult(string Name, int Status, byte[] Output, string Errors)
{
    public string Text => System.Text.Encoding.UTF8.GetString(Output);

    /// <exception cref="InvalidOperationException">The program failed; the message holds all it said.</exception>
    public CommandResult Succeeded() =>
        Status == 0 ? this : throw new InvalidOperationException($"{Name} ended with {Status}:\n{Errors}\n{Text}");
}

/// <summary>A program run to its end, with a deadline. Arguments go through no shell.</summary>
public sealed class Command(string program, params IEnumerable<string> arguments)
{
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private readonly List<string> _arguments = [.. arguments];

    /// <summary>Standard input; closed at once when there is none.</summary>
    public byte[] Input { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public async Task<CommandResult> RunAsync(CancellationToken cancellationToken = default)
    {
        var start = new ProcessStartInfo(program, _arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        try
        {
            var output = ReadAsync(process.StandardOutput.BaseStream, deadline.Token);
            var errors = process.StandardError.ReadToEndAsync(deadline.Token);
            await WriteAsync(process, deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return new CommandResult($"{Path.GetFileName(program)} {string.Join(' ', _arguments)}", process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', _arguments)} did not end in time.");
        }
    }

    private async Task WriteAsync(Process process, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(Input, cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all of its input; its exit status says what that means.
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, cancellationToken);
        return all.ToArray();
    }
}
