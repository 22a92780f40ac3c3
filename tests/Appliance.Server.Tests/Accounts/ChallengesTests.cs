using Appliance.Server.Accounts;
using Microsoft.Extensions.Time.Testing;

namespace Appliance.Server.Tests.Accounts;

public sealed class ChallengesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Challenges<string> _challenges;

    public ChallengesTests() => _challenges = new Challenges<string>(_time);

    [Fact]
    public void Each_is_taken_once_within_two_minutes()
    {
        _challenges.Add("a", "first", "192.0.2.1");
        _challenges.Add("b", "second", "192.0.2.1");
        Assert.Equal("first", _challenges.Take("a"));
        Assert.Null(_challenges.Take("a"));
        Assert.Null(_challenges.Take(null));
        _time.Advance(TimeSpan.FromMinutes(2) + TimeSpan.FromTicks(1));
        Assert.Null(_challenges.Take("b"));
    }

    [Fact]
    public void Whoever_has_very_many_loses_their_own_oldest_and_nobody_elses()
    {
        _challenges.Add("member", "theirs", "192.0.2.1");
        for (var i = 0; i < 2 * Challenges<string>.Most; i++)
            _challenges.Add($"{i}", "a stranger's", $"2001:db8:{i % 167}");
        Assert.Null(_challenges.Take("0"));
        Assert.NotNull(_challenges.Take($"{2 * Challenges<string>.Most - 1}"));
        Assert.Equal("theirs", _challenges.Take("member"));
        _challenges.Add("late", "another member's", "192.0.2.2");
        Assert.Equal("another member's", _challenges.Take("late"));
    }

    [Fact]
    public void Where_all_have_as_many_the_oldest_makes_room()
    {
        for (var i = 0; i <= Challenges<string>.Most; i++)
            _challenges.Add($"{i}", "somebody's", $"client {i}");
        Assert.Null(_challenges.Take("0"));
        Assert.NotNull(_challenges.Take("1"));
        Assert.NotNull(_challenges.Take($"{Challenges<string>.Most}"));
    }

    [Fact]
    public void What_is_over_makes_room_before_anything_else_does()
    {
        for (var i = 0; i < Challenges<string>.Most; i++)
            _challenges.Add($"{i}", "a stranger's", $"client {i}");
        _time.Advance(TimeSpan.FromMinutes(1));
        _challenges.Add("kept", "theirs", "192.0.2.1");
        _time.Advance(TimeSpan.FromMinutes(1) + TimeSpan.FromTicks(1));
        for (var i = 0; i < Challenges<string>.Most - 1; i++)
            _challenges.Add($"later {i}", "a stranger's", $"client {i}");
        Assert.Equal("theirs", _challenges.Take("kept"));
    }
}
