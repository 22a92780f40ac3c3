using System.Globalization;
using Appliance.Benchmarks;

// Accepting signed mail with every check, measured against Postfix's smtp-sink, which accepts and throws away, on the same machine in the same run; or the
// store by itself. Run it in Release: dotnet run -c Release --project tests/Benchmarks [-- --smoke | -- SIZE SESSIONS MESSAGES | -- store [MESSAGES] | -- beside [MESSAGES] | -- bodies | -- peers [SIZE SESSIONS MESSAGES] | -- idle | -- order PROGRAM | -- --soak HOURS]
switch (args)
{
    case ["store"] or ["store", _]:
        await using (var store = await StoreBench.OpenAsync())
        {
            var most = args is [_, var text] ? Number(text) : 100_000;
            await store.GrowAsync([.. new[] { 10_000, 100_000, 1_000_000 }.Where(size => size < most), most], bodyBytes: 10_800);
        }
        return 0;
    case ["beside"] or ["beside", _]:
        await using (var store = await StoreBench.OpenAsync())
            await store.BesideAsync(args is [_, var count] ? Number(count) : 100_000, bodyBytes: 10_800);
        return 0;
    case ["mailauth"]:
        await using (var mailAuth = new MailAuthBench())
        {
            await mailAuth.VerifyAsync();
            await mailAuth.ArrivalsAsync(messages: 5_000);
        }
        return 0;
    case ["peers"]:
        await PeersBench.RunAsync([new(10_000, Sessions: 10, Messages: 5_000), new(10_000, Sessions: 50, Messages: 5_000), new(1_000_000, Sessions: 10, Messages: 1_000)]);
        return 0;
    case ["peers", _, _, _] when AreNumbers(args[1..]):
        await PeersBench.RunAsync([RowOf(args[1..])]);
        return 0;
    case ["turns", _, _, _, _, ..] when AreNumbers(args[1..4]):
        await TurnsBench.RunAsync(Number(args[1]), Number(args[2]), Number(args[3]), args[4..]);
        return 0;
    case ["--soak", var hours] when double.TryParse(hours, CultureInfo.InvariantCulture, out var some):
        await SoakBench.RunAsync(some);
        return 0;
    case ["idle"]:
        await IdleBench.RunAsync(connections: 1_000);
        return 0;
    case ["order", var program]:
        await MethodOrder.WriteAsync(Path.GetFullPath(program));
        return 0;
    case ["bodies"]:
        await using (var store = await StoreBench.OpenAsync())
            await store.CompareBodiesAsync([4 << 10, 8 << 10, 16 << 10, 32 << 10, 64 << 10], count: 3_000);
        return 0;
}

Row[]? rows = args switch
{
    [] => All(),
    ["--smoke"] => [new(10_000, Sessions: 10, Messages: 100)],
    [_, _, _] when AreNumbers(args) => [RowOf(args)],
    _ => null,
};
if (rows is null)
{
    await Console.Error.WriteLineAsync("Usage: Benchmarks [--smoke | SIZE SESSIONS MESSAGES | store [MESSAGES] | beside [MESSAGES] | bodies | mailauth | turns SIZE SESSIONS ROUNDS PROGRAM... | peers [SIZE SESSIONS MESSAGES] | idle | order PROGRAM | --soak HOURS]");
    return 2;
}
if (Load.Missing() is { } missing)
{
    await Console.Error.WriteLineAsync($"{missing} is not installed; it comes with Postfix.");
    return Environment.GetEnvironmentVariable("CI") == "true" ? 1 : 0;
}

await using var zone = new MailAuthBench();
await using var bench = await zone.OpenAsync(isChecked: true, mailboxes: args is ["--smoke"] ? 2 : 10);
Console.WriteLine("| size | sessions | messages/s | smtp-sink/s | ratio | CPU ms/message | peak RSS MB | peak PSS MB |");
Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|");
foreach (var row in rows)
    Console.WriteLine(await bench.MeasureAsync(row, await zone.SignedFileAsync(row.Size)));
return 0;

static bool AreNumbers(string[] texts) => texts.All(text => int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number > 0);

static Row RowOf(string[] numbers) => new(Number(numbers[0]), Number(numbers[1]), Number(numbers[2]));

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static Row[] All() =>
[
    .. from size in new[] { 1_000, 10_000, 100_000, 1_000_000 }
       from sessions in new[] { 1, 10, 50 }
       select new Row(size, sessions, Messages(size, sessions)),
];

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
