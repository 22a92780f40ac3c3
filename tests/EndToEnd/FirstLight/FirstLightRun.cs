using System.Net;
using Appliance.EndToEnd.Canary;
using Appliance.EndToEnd.Harness;
using Appliance.EndToEnd.Traffic;

namespace Appliance.EndToEnd.FirstLight;

/// <summary>
/// The whole path, once for all tests that look at it: an empty data folder, two members, mail for them by
/// three senders, everything taken out again with the bridge and some of it read in Chromium, the server stopped. The server runs under strace, which writes down what it opens.
/// </summary>
public sealed class FirstLightRun : IAsyncLifetime
{
    public const string SmtpSourceSubject = "from smtp-source";
    public const int SmtpSourceBytes = 10_000;
    public const int FromSmtpSource = 20;
    private const int SendersAtOnce = 4;

    // swaks is slow with large messages.
    private const int SwaksBytes = 1_000_000;

    private readonly DirectoryInfo _out = Directory.CreateTempSubdirectory("appliance-out-");
    private Household? _household;

    public IList<SampleMessage> Sent { get; private set; } = [];

    public MemberExport Ann { get; private set; } = null!;

    public MemberExport Ben { get; private set; } = null!;

    public IReadOnlyList<ReadInChromium> Read { get; private set; } = [];

    /// <summary>Holds all the server left: data, temporary files, log.</summary>
    public string ServerRoot => _household!.Appliance.Root;

    public string DataPath => _household!.Appliance.DataPath;

    public string ServerLog => _household!.Appliance.Log();

    /// <summary>What <c>store dump</c> wrote while the server ran, and once it had stopped.</summary>
    public IReadOnlyList<string> Dumps => [Path.Combine(_out.FullName, "dump-running"), Path.Combine(_out.FullName, "dump-stopped")];

    /// <summary>What the server and its children opened for writing, made or renamed.</summary>
    public IReadOnlyList<OpenedFile> OpenedFiles { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        var record = Path.Combine(_out.FullName, "strace");
        _household = await Household.MoveInAsync(new ApplianceSettings { Under = Canary.OpenedFiles.StraceTo(record, Peer.Need("strace")) });
        var appliance = _household.Appliance;

        Sent = [.. MessageCorpus.Generate("first light", Household.AnnAddress, Household.BenAddress)];
        await Parallel.ForEachAsync(Sent, new ParallelOptions { MaxDegreeOfParallelism = SendersAtOnce }, (message, cancellationToken) =>
            new ValueTask(SendAsync(appliance.Mx, message, cancellationToken)));
        await Senders.SmtpSourceAsync(
            appliance.Mx, "postfix@sender.example", Household.AnnAddress, FromSmtpSource, SendersAtOnce, SmtpSourceBytes, SmtpSourceSubject);

        Ann = await MemberExport.TakeAsync(_household.Ann, Path.Combine(_out.FullName, "ann"));
        Ben = await MemberExport.TakeAsync(_household.Ben, Path.Combine(_out.FullName, "ben"));

        Read = await ReadInChromium.TakeAsync(appliance, Ann, Sent);

        (await appliance.CommandAsync("store", "dump", "--output", Dumps[0])).Succeeded();
        var server = appliance.ProcessId;
        await appliance.StopAsync();
        (await appliance.CommandAsync("store", "dump", "--output", Dumps[1])).Succeeded();
        await Until.TrueAsync(() => Strace.IsComplete(record, server), TimeSpan.FromSeconds(10), () => "strace did not end its record.");
        OpenedFiles = Canary.OpenedFiles.Read(record);
    }

    private Task SendAsync(IPEndPoint mx, SampleMessage message, CancellationToken cancellationToken) =>
        message.RequiresUtf8 || message.Bytes.Length > SwaksBytes || Sent.IndexOf(message) % 2 == 0
            ? Senders.PythonAsync(mx, message, cancellationToken)
            : Senders.SwaksAsync(mx, message, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_household is not null)
            await _household.DisposeAsync();
        _out.Delete(recursive: true);
    }
}

/// <summary>Tests that look at one <see cref="FirstLightRun"/>.</summary>
[CollectionDefinition]
public sealed class AfterFirstLight : ICollectionFixture<FirstLightRun>;
