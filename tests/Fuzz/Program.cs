using Appliance.Fuzz;
using SharpFuzz;

// dotnet run --project tests/Fuzz -- TARGET [--seconds N]   mutates the corpus for a while; exit 1 on an escape or a hang
// dotnet run --project tests/Fuzz -- TARGET --input BASE64  once more what broke it
// dotnet run --project tests/Fuzz -- TARGET --afl           one input on standard input, for afl-fuzz (instrument with `sharpfuzz`)

Dictionary<string, Func<IFuzzTarget>> targets = new()
{
    ["smtp"] = () => new SmtpTarget(),
    ["formats"] = () => new FormatsTarget(),
    ["mailauth"] = () => new MailAuthTarget(),
    ["server"] = ServerTarget.Start,
};

if (args is not [var name, .. var options] || !targets.TryGetValue(name, out var make))
{
    Console.Error.WriteLine($"Usage: fuzz {string.Join('|', targets.Keys)} [--seconds N | --input BASE64 | --afl]");
    return 2;
}
var target = make();
using var owned = target as IDisposable;
switch (options)
{
    case ["--afl"]:
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using var input = new MemoryStream();
            stream.CopyTo(input);
            target.Run(input.ToArray());
        });
        return 0;

    case ["--input", var base64]:
        target.Run(Convert.FromBase64String(base64));
        target.Finish();
        Console.WriteLine("Nothing broke.");
        return 0;

    case [] or ["--seconds", _]:
        var seconds = options is [_, var text] ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : 10;
        return Mutation.Run(target, TimeSpan.FromSeconds(seconds), TimeProvider.System);

    default:
        Console.Error.WriteLine("Say --seconds N, --input BASE64 or --afl, or nothing.");
        return 2;
}
