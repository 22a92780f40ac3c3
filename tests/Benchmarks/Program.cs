using Appliance.Benchmarks;

// Accepting mail, measured against Postfix's smtp-sink, which accepts and throws away, on the same machine in the same run.
// Run it in Release: dotnet run -c Release --project tests/Benchmarks [-- --smoke]
if (args is not ([] or ["--smoke"]))
{
    await Console.Error.WriteLineAsync("Usage: Benchmarks [--smoke]");
    return 2;
}
if (Load.Missing() is { } missing)
{
    await Console.Error.WriteLineAsync($"{missing} is not installed; it comes with Postfix.");
    return Environment.GetEnvironmentVariable("CI") == "true" ? 1 : 0;
}

var smoke = args is ["--smoke"];
Row[] rows = smoke
    ? [new(10_000, Sessions: 10, Messages: 100)]
    : [.. from size in new[] { 1_000, 10_000, 100_000, 1_000_000 }
          from sessions in new[] { 1, 10, 50 }
          select new Row(size, sessions, Messages(size, sessions))];

await using var bench = await Bench.OpenAsync(mailboxes: smoke ? 2 : 10);
Console.WriteLine("| size | sessions | messages/s | smtp-sink/s | ratio | CPU ms/message | peak RSS MB | peak PSS MB |");
Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|");
foreach (var row in rows)
    Console.WriteLine(await bench.MeasureAsync(row));
return 0;

// Enough for a few seconds each.
static int Messages(int size, int sessions) => (size, sessions) switch
{
    (<= 10_000, 1) => 1_000,
    (<= 10_000, _) => 5_000,
    (<= 100_000, 1) => 500,
    (<= 100_000, _) => 2_000,
    (_, 1) => 100,
    _ => 400,
};
