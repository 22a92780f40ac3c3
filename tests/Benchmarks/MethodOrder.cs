using System.Globalization;
using Appliance.EndToEnd.Harness;

namespace Appliance.Benchmarks;

/// <summary>
/// The methods that a message needs on its way from its connection to the store, in the order in which they are needed first: as the compiler is to lay them out
/// (src/Appliance.Server/Native.order). Next to each other they cost less than scattered over the program (docs/performance.md).
/// </summary>
internal static class MethodOrder
{
    private const int BodyBytes = 10_000;
    private const int WarmUp = 5_000;
    private const int Watched = 200;
    private const int Mailboxes = 2;

    /// <summary>Those that work on messages, in the order in which they do.</summary>
    private static readonly string[] Threads = ["mail session", "store writer", "store feeder"];

    /// <summary>Writes their names, as the compiler has them, to standard output.</summary>
    /// <param name="program">A native program, its symbols beside it (<c>-p:CopyOutputSymbolsToPublishDirectory=true</c>).</param>
    /// <exception cref="InvalidOperationException">They are not there, or the system lets nobody watch it.</exception>
    public static async Task WriteAsync(string program)
    {
        var methods = await MethodsAsync(program + ".dbg");
        await using var zone = new MailAuthBench();
        var file = await zone.SignedFileAsync(BodyBytes);
        await using var bench = await zone.OpenAsync(isChecked: true, [program], Mailboxes);
        var process = bench.Appliance.ProcessId;
        var row = new Row(BodyBytes, Sessions: Mailboxes, WarmUp);
        await Load.SendAsync(bench.Appliance.Mx, bench.Mailboxes, row, file);
        await Load.SendOverTlsAsync(bench.Appliance.Mx, bench.Mailboxes, row with { Messages = Watched }, file);
        var start = StartOf(program, process);
        var calls = await FirstCalls.WatchAsync(process, methods.Select(method => start + method.Key).ToHashSet());
        // In clear first, for the methods of TLS would lie in between.
        await Load.SendAsync(bench.Appliance.Mx, bench.Mailboxes, row with { Messages = Watched }, file);
        await Load.SendOverTlsAsync(bench.Appliance.Mx, bench.Mailboxes, row with { Messages = Watched }, file);
        var found = await calls.StopAsync();
        foreach (var call in Threads.SelectMany(thread => found.Where(call => call.Thread == thread)))
            foreach (var name in methods[call.Start - start])
                Console.WriteLine(name);
    }

    /// <summary>Where the system has put it (proc_pid_maps(5)).</summary>
    private static long StartOf(string program, int process) =>
        File.ReadLines($"/proc/{process}/maps").Where(line => line.EndsWith(program, StringComparison.Ordinal))
            .Select(line => Number(line.AsSpan(0, line.IndexOf('-', StringComparison.Ordinal)))).Min();

    /// <summary>Names by address, counted from the program's start.</summary>
    private static async Task<ILookup<long, string>> MethodsAsync(string file)
    {
        var symbols = (from line in (await new Command("nm", "--defined-only", "--numeric-sort", file).RunAsync()).Succeeded().Text.Split('\n')
                       let words = line.Split(' ', 3)
                       where words is [_, "t" or "T", _]
                       select (Start: Number(words[0]), Name: words[2])).ToArray();
        var first = Array.FindIndex(symbols, symbol => symbol.Name == "__start___managedcode");
        var end = Array.FindIndex(symbols, symbol => symbol.Name == "__stop___managedcode");
        return first >= 0 && end > first
            ? symbols[first..end].Where(symbol => symbol.Name != "__start___managedcode").ToLookup(symbol => symbol.Start, symbol => symbol.Name)
            : throw new InvalidOperationException($"{file} has no symbols of methods: publish the program with -p:PublishAot=true -p:CopyOutputSymbolsToPublishDirectory=true.");
    }

    private static long Number(ReadOnlySpan<char> hexadecimal) => long.Parse(hexadecimal, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
