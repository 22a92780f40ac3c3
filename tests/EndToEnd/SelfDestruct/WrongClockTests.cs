using Appliance.EndToEnd.Harness;
using Appliance.EndToEnd.Web;

namespace Appliance.EndToEnd.SelfDestruct;

/// <summary>The real process on a machine whose clock says 2099 at boot; libfaketime tells it so and leaves the monotonic clock alone.</summary>
public sealed class WrongClockTests : IAsyncLifetime
{
    private readonly string _dataPath = Path.Combine(Directory.CreateTempSubdirectory("appliance-test-").FullName, "data");
    private Household _household = null!;

    public async ValueTask InitializeAsync()
    {
        _household = await Household.MoveInAsync(new ApplianceSettings { DataPath = _dataPath });
        foreach (var subject in new[] { "for a month", "for good" })
            await Letters.PlainAsync(_household.Appliance, Household.AnnAddress, subject, "Text.");
        await _household.Appliance.StopAsync();
        var first = (await StoppedStore.MessagesAsync(_dataPath))[0];
        await StoppedStore.ExpireAsync(_dataPath, TimeProvider.System.GetUtcNow().AddDays(30), [first]);
    }

    public async ValueTask DisposeAsync()
    {
        await _household.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(_dataPath)!, recursive: true);
    }

    [Fact]
    public async Task Hides_what_has_an_expiry_destroys_nothing_until_confirmed_and_shows_it_again_once_the_clock_is_right()
    {
        await using (var appliance = await StartAsync(year: 2099))
            Assert.Equal(["for good"], await SubjectsAsync(appliance));
        Assert.Equal(2, (await StoppedStore.MessagesAsync(_dataPath)).Count);

        await using (var appliance = await StartAsync(year: null))
            Assert.Equal(["for a month", "for good"], await SubjectsAsync(appliance));

        await using (var appliance = await StartAsync(year: 2099))
        {
            var confirmed = (await appliance.CommandAsync("time", "confirm")).Succeeded().Text;
            Assert.StartsWith("It is 2099-", confirmed, StringComparison.Ordinal);
            Assert.Contains("1 messages that had expired were destroyed", confirmed, StringComparison.Ordinal);
            Assert.Equal(["for good"], await SubjectsAsync(appliance));
        }
        Assert.Single(await StoppedStore.MessagesAsync(_dataPath));
    }

    private Task<ApplianceProcess> StartAsync(int? year) => ApplianceProcess.StartAsync(new ApplianceSettings
    {
        DataPath = _dataPath,
        Values = new Dictionary<string, string> { ["SelfDestruct:TrustKernelClock"] = "false" },
        // Not the program faketime, which stays in between.
        Under = year is null
            ? []
            : ["env", "LD_PRELOAD=" + Library(), $"FAKETIME=@{year}-01-01 00:00:00", "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1"],
    });

    private static string Library() =>
        Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", SearchOption.AllDirectories).FirstOrDefault()
        ?? throw new InvalidOperationException("libfaketime (faketime) is not installed");

    /// <summary>What a member sees who signs in now.</summary>
    private static async Task<IEnumerable<string>> SubjectsAsync(ApplianceProcess appliance)
    {
        using var ann = new BridgeProgram(Household.AnnPassword);
        await ann.LoginAsync(appliance.Web, Household.AnnAddress);
        return (await ann.ListAsync()).Select(message => message.Subject).Order();
    }
}
