using Appliance.Server.SelfDestruct;

namespace Appliance.Server.Tests.SelfDestruct;

/// <summary>What <c>w32tm /query /status</c> prints, and whether that vouches for the clock.</summary>
public sealed class WindowsTimeTests
{
    [Theory]
    [InlineData("Leap Indicator: 0(no warning)\r\nStratum: 4 (secondary reference - syncd by (S)NTP)\r\nPrecision: -23 (119.209ns per tick)\r\n", true)]
    [InlineData("Sprungindikator: 0(keine Warnung)\r\nStratum: 3 (Sekundärreferenz - synchr. über (S)NTP)\r\n", true)]
    [InlineData("Leap 指示符: 0(无警告)\r\n层次：4 (次引用 - 与(S)NTP 同步)\r\n", true)]
    [InlineData("Leap Indicator: 3(not synchronized)\r\nStratum: 0 (unspecified)\r\n", false)]
    [InlineData("Leap Indicator: 3(not synchronized)\r\nStratum: 4 (secondary reference - syncd by (S)NTP)\r\n", false)]
    [InlineData("Leap Indicator: 0(no warning)\r\nStratum: 1 (primary reference - syncd by radio clock)\r\nSource: Local CMOS Clock\r\n", false)]
    [InlineData("The following error occurred: The service has not been started. (0x80070426)\r\n", false)]
    [InlineData("", false)]
    public void Vouches_only_when_it_follows_another_clock(string status, bool isSynchronized) =>
        Assert.Equal(isSynchronized, WindowsTime.SaysSynchronized(status));
}
