using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Appliance.EndToEnd.Harness;
using Appliance.EndToEnd.Traffic;

namespace Appliance.EndToEnd.Durability;

/// <summary>Senders who each send one message after the other, all different, and remember which got their 250.</summary>
internal sealed class Load(string seed)
{
    private const int Senders = 8;

    private readonly ConcurrentDictionary<string, string> _sent = new();
    private readonly ConcurrentDictionary<string, string> _acknowledged = new();
    private readonly ConcurrentDictionary<string, string> _refused = new();
    private int _number;
    private (int Acknowledged, TaskCompletionSource Reached) _awaited = (0, new());

    public int Acknowledged => _acknowledged.Count;

    /// <summary>Messages whose sender does not know what became of them.</summary>
    public int InDoubt => _sent.Count - _acknowledged.Count - _refused.Count;

    /// <summary>What was said to each sender who got no 250.</summary>
    public IReadOnlyCollection<string> Refusals => _refused.Values.ToList();

    /// <summary>Ends at the very moment so many are acknowledged. To be asked before the senders start.</summary>
    public Task UntilAsync(int acknowledged)
    {
        // Continues on the thread that read the 250.
        _awaited = (acknowledged, new TaskCompletionSource());
        return _awaited.Reached.Task;
    }

    /// <summary>Sends until the server is gone.</summary>
    public Task RunAsync(IPEndPoint mx) => Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => SendAsync(mx)));

    /// <summary>One message on a connection of its own.</summary>
    public async Task<string> SendOneAsync(IPEndPoint mx)
    {
        await using var session = await MailSession.OpenAsync(mx);
        return await SendNextAsync(session);
    }

    /// <summary>
    /// Each message that got its 250 is there once, byte for byte; none that was refused, as its sender will send it again; of those in doubt
    /// each once at most; nothing else.
    /// </summary>
    public async Task AssertKeptAsync(BridgeProgram ann)
    {
        var folder = Directory.CreateTempSubdirectory("appliance-export-").FullName;
        try
        {
            await ann.ExportAsync(folder, "--as-received");
            var kept = Directory.EnumerateFiles(folder).Select(file => Hash(File.ReadAllBytes(file))).ToList();
            Assert.Empty(kept.CountBy(hash => hash).Where(count => count.Value > 1).Select(count => _sent[count.Key]));
            Assert.Empty(_acknowledged.ExceptBy(kept, message => message.Key).Select(message => message.Value));
            Assert.Empty(_refused.IntersectBy(kept, message => message.Key).Select(message => _sent[message.Key]));
            Assert.Empty(kept.Except(_sent.Keys));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task SendAsync(IPEndPoint mx)
    {
        try
        {
            await using var session = await MailSession.OpenAsync(mx);
            while (await SendNextAsync(session) is not "")
            {
            }
        }
        catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException)
        {
            // Killed in the middle of a word, or too slow for the dialogue's deadline.
        }
    }

    private async Task<string> SendNextAsync(MailSession session)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{seed}/{Interlocked.Increment(ref _number)}");
        var random = new SeededBytes(name);
        var message = MailSession.Message(name, random.Below(8) == 0 ? 20_000 + random.Below(200_000) : 100 + random.Below(6_000));
        var hash = Hash(message);
        _sent[hash] = name;
        var answer = await session.SendAsync(message);
        if (answer.StartsWith("250 2.0.0 ", StringComparison.Ordinal))
        {
            _acknowledged[hash] = name;
            if (Acknowledged >= _awaited.Acknowledged)
                _awaited.Reached.TrySetResult();
        }
        else if (answer.Length > 0)
            _refused[hash] = answer;
        return answer;
    }

    private static string Hash(byte[] message) => Convert.ToHexStringLower(SHA256.HashData(message));
}
