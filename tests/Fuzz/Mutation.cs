using System.Security.Cryptography;

namespace Appliance.Fuzz;

/// <summary>
/// A short run for every build, without instrumentation: takes an input of the corpus, or the beginning of one and the end of another, and
/// damages it. What breaks the target is printed as base64, to be kept in a test.
/// </summary>
internal static class Mutation
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(10);

    public static int Run(IFuzzTarget target, TimeSpan duration, TimeProvider time)
    {
        var corpus = target.Corpus();
        var began = time.GetTimestamp();
        var runs = 0L;
        byte[] input = [];
        var inputBegan = began;
        using var watchdog = time.CreateTimer(
            _ =>
            {
                if (time.GetElapsedTime(Volatile.Read(ref inputBegan)) < LongestRun)
                    return;
                Console.Error.WriteLine($"{target.Name} hangs on {Convert.ToBase64String(Volatile.Read(ref input))}");
                (target as IDisposable)?.Dispose();
                Environment.Exit(1);
            },
            null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        for (; time.GetElapsedTime(began) < duration; runs++)
        {
            Volatile.Write(ref input, Mutate(corpus, target.Tokens));
            Volatile.Write(ref inputBegan, time.GetTimestamp());
            try
            {
                target.Run(input);
            }
            catch (Exception escaped)
            {
                Console.Error.WriteLine($"{target.Name} breaks on {Convert.ToBase64String(input)}\n{escaped}");
                return 1;
            }
        }
        Volatile.Write(ref inputBegan, long.MaxValue); // it may take its time now
        target.Finish();
        Console.WriteLine($"{target.Name}: {runs} inputs, {corpus.Count} in the corpus, nothing broke");
        return 0;
    }

    private static byte[] Mutate(IReadOnlyList<byte[]> corpus, IReadOnlyList<byte[]> tokens)
    {
        var octets = new List<byte>(Pick(corpus));
        if (Below(2) == 0)
        {
            var (end, tail) = (Below(octets.Count + 1), Pick(corpus));
            octets.RemoveRange(end, octets.Count - end);
            octets.AddRange(tail[Below(tail.Length + 1)..]);
        }
        for (var i = 1 + Below(8); i > 0; i--)
        {
            var at = Below(octets.Count + 1);
            switch (Below(4))
            {
                case 0: octets.InsertRange(at, Pick(tokens)); break;
                case 1: octets.Insert(at, (byte)Below(256)); break;
                case 2 when at < octets.Count: octets[at] ^= (byte)(1 << Below(8)); break;
                default: octets.RemoveRange(at, Math.Min(Below(20), octets.Count - at)); break;
            }
        }
        return [.. octets];
    }

    private static byte[] Pick(IReadOnlyList<byte[]> from) => from[Below(from.Count)];

    private static int Below(int end) => RandomNumberGenerator.GetInt32(end);
}
