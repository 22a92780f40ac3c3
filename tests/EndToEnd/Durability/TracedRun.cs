using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Durability;

/// <summary>
/// One appliance under strace, for all tests that look at its record: small and large messages one at a time, then over several sessions at once.
/// </summary>
public sealed class TracedRun : IAsyncLifetime
{
    public const int SentAlone = 16;
    public const int Sessions = 8;
    public const int SentAtOnce = Sessions * 8;

    private const int LongestPath = 512;
    private const int Small = 1_000;
    private const int Large = 24_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("appliance-trace-").FullName;

    internal IReadOnlyList<SystemCall> Calls { get; private set; } = [];

    internal string DataPath { get; private set; } = "";

    public IReadOnlyList<string> Answers { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        var record = Path.Combine(_folder, "strace");
        await using var household = await Household.MoveInAsync(
            new ApplianceSettings { Under = Strace.To(record, TracedDisk.Calls, LongestPath, Peer.Need("strace")) });
        var appliance = household.Appliance;
        DataPath = appliance.DataPath;

        var alone = await SendAsync(0, SentAlone);
        var atOnce = await Task.WhenAll(
            Enumerable.Range(0, Sessions).Select(session => SendAsync(SentAlone + session * SentAtOnce / Sessions, SentAtOnce / Sessions)));
        Answers = [.. alone, .. atOnce.SelectMany(answers => answers)];

        var server = appliance.ProcessId;
        await appliance.StopAsync();
        await Until.TrueAsync(() => Strace.IsComplete(record, server), TimeSpan.FromSeconds(10), () => "strace did not end its record.");
        Calls = Strace.Read(record);

        async Task<List<string>> SendAsync(int first, int count)
        {
            await using var session = await MailSession.OpenAsync(appliance.Mx);
            var answers = new List<string>();
            for (var i = first; i < first + count; i++)
                answers.Add(await session.SendAsync(MailSession.Message($"traced/{i}", i % 2 == 0 ? Small : Large + i * SyncOrder.Apart)));
            return answers;
        }
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
