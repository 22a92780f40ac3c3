using Appliance.EndToEnd.Harness;
using Appliance.Mail.Tests.Dns;

namespace Appliance.EndToEnd.Filters;

/// <summary><c>appliance check</c> says what is there, and what would write mail to a disk.</summary>
public sealed class CheckCommandTests : IAsyncDisposable
{
    private readonly ZoneServer _dns = new();

    public ValueTask DisposeAsync() => _dns.DisposeAsync();

    [Fact]
    public async Task Says_what_answers_and_warns_of_filters_that_write_to_a_disk()
    {
        await using var rspamd = await RspamdServer.StartAsync();
        await using var clamd = await ClamdServer.StartAsync();
        _dns.Add("2.0.0.127.block.example", ZoneServer.A, [127, 0, 0, 2]);
        _dns.Add("2.0.0.127.error.example", ZoneServer.A, [127, 255, 255, 254]);
        var result = await CheckAsync(
            "--clamd-conf", clamd.Configuration, $"--Filters:Rspamd=http://{rspamd.Address}", $"--Filters:Clamd={clamd.Address}", "--Mx:HostName=mail.example.org",
            "--Senders:BlockLists=block.example error.example", "--Senders:AllowLists=empty.example");
        var said = result.Succeeded().Text;
        Assert.Contains("ok     Mail servers are greeted as mail.example.org.", said, StringComparison.Ordinal);
        Assert.Contains("ok     The list block.example answers.", said, StringComparison.Ordinal);
        Assert.Contains("note   The list error.example does not answer as it should", said, StringComparison.Ordinal);
        Assert.Contains("note   The list empty.example does not list its own test address", said, StringComparison.Ordinal);
        Assert.Contains("ok     rspamd answers.", said, StringComparison.Ordinal);
        Assert.Contains("note   rspamd is given whole messages.", said, StringComparison.Ordinal);
        Assert.Contains("ok     clamd answers: ClamAV", said, StringComparison.Ordinal);
        Assert.Contains("which is on a disk: mail in clear", said, StringComparison.Ordinal);

        // On a tmpfs it is in order.
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "there is no /dev/shm");
        var configuration = clamd.Configuration + ".shm";
        await File.WriteAllTextAsync(configuration, "# TemporaryDirectory /var/tmp\nTemporaryDirectory /dev/shm\n", TestContext.Current.CancellationToken);
        Assert.Contains("/dev/shm, which is in memory", (await CheckAsync("--clamd-conf", configuration, $"--Filters:Clamd={clamd.Address}", "--Senders:BlockLists=", "--Senders:AllowLists=")).Succeeded().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fails_when_a_filter_that_is_wanted_does_not_answer()
    {
        var nobody = Loopback.FreePort();
        var result = await CheckAsync($"--Filters:Rspamd=http://{nobody}", $"--Filters:Clamd={nobody}", "--Senders:BlockLists=", "--Senders:AllowLists=");
        Assert.Equal(1, result.Status);
        Assert.Contains("wrong  rspamd does not answer", result.Text, StringComparison.Ordinal);
        Assert.Contains("wrong  clamd does not answer", result.Text, StringComparison.Ordinal);
        Assert.Contains("wrong  Filters:Clamd is \"nonsense\"", (await CheckAsync("--Filters:Clamd=nonsense")).Text, StringComparison.Ordinal);
    }

    private Task<CommandResult> CheckAsync(params string[] arguments)
    {
        string[] line = [.. Programs.Server, "check", $"--Dns:Servers={_dns.Address}", .. arguments];
        return new Command(line[0], line[1..]).RunAsync();
    }
}
