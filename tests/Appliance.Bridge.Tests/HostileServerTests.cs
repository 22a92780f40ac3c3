namespace Appliance.Bridge.Tests;

public sealed class HostileServerTests : IDisposable
{
    private readonly Member _ann = new();

    public void Dispose() => _ann.Dispose();

    [Fact]
    public async Task A_wrong_password_is_refused_and_leaves_nothing()
    {
        await _ann.ActivateAsync();
        await _ann.RunAsync(null, "logout");
        var outcome = await _ann.LogInAsync("another password");
        Assert.Equal(1, outcome.Status);
        Assert.Contains("wrong", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_ann.State));
    }

    [Fact]
    public async Task Weak_derivation_parameters_are_refused_before_the_password_is_used()
    {
        await _ann.ActivateAsync();
        await _ann.RunAsync(null, "logout");
        _ann.Server.OfferKdf = kdf => kdf with { MemoryKiB = 1024 };
        var outcome = await _ann.LogInAsync();
        Assert.Equal(1, outcome.Status);
        Assert.Contains("1024 KiB", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("POST /api/signin/finish", _ann.Server.Requests);
    }

    [Fact]
    public async Task A_server_that_does_not_prove_itself_is_refused()
    {
        await _ann.ActivateAsync();
        await _ann.RunAsync(null, "logout");
        _ann.Server.SendProof = proof => (proof[0] == '1' ? '2' : '1') + proof[1..];
        var outcome = await _ann.LogInAsync();
        Assert.Equal(1, outcome.Status);
        Assert.Contains("did not prove", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_ann.State));
    }

    [Fact]
    public async Task A_flipped_bit_is_reported_and_the_rest_is_exported()
    {
        await _ann.ActivateAsync();
        var good = _ann.Deliver("good");
        var bad = _ann.Deliver("bad");
        var other = _ann.Deliver("good too");
        _ann.Server.SendSegment = (message, index) => message == bad && index == 1 ? Flip(message.Segments[1]) : message.Segments[index];
        var outcome = await _ann.RunAsync(null, "export", _ann.Folder("out"));
        Assert.Equal(1, outcome.Status);
        Assert.Contains(bad.Id, outcome.Error, StringComparison.Ordinal);
        Assert.Equal(
            new[] { $"{good.Id}.eml", $"{other.Id}.eml" }.Order(StringComparer.Ordinal),
            Directory.GetFiles(_ann.Folder("out")).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_flipped_bit_in_a_summary_keeps_that_entry_shut_only()
    {
        await _ann.ActivateAsync();
        var bad = _ann.Deliver("bad");
        _ann.Server.Messages[0] = bad with { Summary = Flip(bad.Summary) };
        _ann.Deliver("good");
        var outcome = await _ann.RunAsync(null, "list");
        Assert.Equal(1, outcome.Status);
        Assert.Contains("good", outcome.Text, StringComparison.Ordinal);
        Assert.Contains(bad.Id, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Swapped_segments_are_refused()
    {
        await _ann.ActivateAsync();
        var message = _ann.Deliver("hello");
        _ann.Server.SendSegment = (sent, index) => sent.Segments[index == 0 ? 0 : 3 - index];
        var outcome = await _ann.RunAsync(null, "read", message.Id);
        Assert.Equal(1, outcome.Status);
        Assert.Equal(message.Trace, outcome.Output);
    }

    [Fact]
    public async Task A_subject_cannot_drive_the_terminal()
    {
        await _ann.ActivateAsync();
        _ann.Deliver("\u001b]0;owned\u0007\u202e");
        var outcome = await _ann.RunAsync(null, "list");
        Assert.DoesNotContain('\u001b', outcome.Text);
        Assert.DoesNotContain('\u202e', outcome.Text);
    }

    private static byte[] Flip(byte[] bytes)
    {
        var flipped = (byte[])bytes.Clone();
        flipped[^30] ^= 1;
        return flipped;
    }
}
