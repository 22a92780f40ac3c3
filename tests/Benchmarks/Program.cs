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
    : [.. from plan in new[] { (Size: 1_000, Few: 1_000, Many: 5_000), (10_000, 1_000, 5_000), (100_000, 500, 2_000), (1_000_000, 100, 400) }
          from sessions in new[] { 1, 10, 50 }
          select new Row(plan.Size, sessions, sessions == 1 ? plan.Few : plan.Many)];

await using var bench = await Bench.OpenAsync(mailboxes: smoke ? 2 : 10);
Console.WriteLine("| size | sessions | messages/s | smtp-sink/s | ratio | CPU ms/message | peak RSS MB | peak PSS MB |");
Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|");
foreach (var row in rows)
    Console.WriteLine(await bench.MeasureAsync(row));
return 0;
