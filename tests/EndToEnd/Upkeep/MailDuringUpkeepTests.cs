using System.Text;
using System.Text.Json;
using Appliance.EndToEnd.Traffic;

namespace Appliance.EndToEnd.Upkeep;

/// <summary>What upkeep and damage mean to members: nothing is lost, and what is not damaged is read.</summary>
public sealed class MailDuringUpkeepTests : IAsyncLifetime
{
    private const int Block = 4096;
    private Household _household = null!;

    public async ValueTask InitializeAsync() => _household = await Household.MoveInAsync();

    public ValueTask DisposeAsync() => _household.DisposeAsync();

    [Fact]
    public async Task Mail_that_arrives_during_verify_compact_rekey_and_dump_is_there_exactly_once()
    {
        const int small = 600, large = 20;
        var appliance = _household.Appliance;
        var sending = Task.WhenAll(SendAsync(small, 4000, "small"), SendAsync(large, 150_000, "large"));
        foreach (var command in new[] { "verify", "compact", "rekey", "verify" })
            (await appliance.CommandAsync("store", command)).Succeeded();
        (await appliance.CommandAsync("store", "dump", "--output", Path.Combine(appliance.Root, "dump"))).Succeeded();
        (await appliance.CommandAsync("store", "compact")).Succeeded();
        await sending;

        var listed = await _household.Ann.ListAsync();
        Assert.Equal((small, large), (listed.Count(mail => mail.Subject == "small"), listed.Count(mail => mail.Subject == "large")));
        (await appliance.CommandAsync("store", "verify")).Succeeded();
        await appliance.StopAsync();
        (await appliance.CommandAsync("store", "verify")).Succeeded();
        await appliance.StartAsync();
        Assert.Equal(small + large, (await _household.Ann.ListAsync()).Count);
        var text = Encoding.ASCII.GetString(await _household.Ann.ReadAsync(listed.First(mail => mail.Subject == "large").Id));
        Assert.EndsWith(Senders.SmtpSourceBody(150_000), text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_row_that_goes_bad_takes_only_its_message_along()
    {
        var appliance = _household.Appliance;
        await SendAsync(60, 6000, "kept");
        var listed = await _household.Ann.ListAsync();
        await appliance.StopAsync();
        var (ids, lost) = (listed.Select(mail => mail.Id).ToHashSet(), 0);
        await DamageABodyAsync();

        await appliance.StartAsync();
        var left = (await _household.Ann.ListAsync()).Select(mail => mail.Id).ToHashSet();
        Assert.Subset(ids, left);
        Assert.Equal(59, left.Count);
        foreach (var id in left.Take(5))
            Assert.NotEmpty(await _household.Ann.ReadAsync(id));
        foreach (var id in ids.Except(left))
        {
            var refused = await _household.Ann.RunAsync("", "read", id);
            Assert.Equal(1, refused.Status);
            Assert.Contains("damaged", refused.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", refused.Errors, StringComparison.Ordinal);
            lost++;
        }
        Assert.True(lost > 0);
        await SendAsync(3, 6000, "later");
        Assert.Equal(3, (await _household.Ann.ListAsync()).Count(mail => mail.Subject == "later"));
    }

    /// <summary>Flips one bit in the first large row that verify finds to be a body, and leaves it so.</summary>
    private async Task DamageABodyAsync()
    {
        var path = Path.Combine(_household.Appliance.DataPath, "store", "values");
        var whole = await File.ReadAllBytesAsync(path);
        for (var at = 2000; at < whole.Length; at += Block)
        {
            var damaged = whole.ToArray();
            damaged[at] ^= 1;
            await File.WriteAllBytesAsync(path, damaged);
            var verified = await _household.Appliance.CommandAsync("store", "verify", "--json");
            Assert.Equal("", verified.Errors);
            using var report = JsonDocument.Parse(verified.Output);
            var places = report.RootElement.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("where").GetString()!).ToList();
            if (places is [var place] && place.StartsWith("body ", StringComparison.Ordinal))
                return;
        }
        Assert.Fail("No large row was a body.");
    }

    private Task SendAsync(int messages, int bytes, string subject) => Senders.SmtpSourceAsync(
        _household.Appliance.Mx, "someone@sender.example", Household.AnnAddress, messages, sessions: 5, bytes, subject);
}
