using System.Net.Sockets;
using Appliance.Server.Tests.Hosting;

namespace Appliance.Server.Tests.Inbound;

public sealed class FullDiskTests
{
    [Fact]
    public async Task Below_the_reserve_mail_is_put_off_before_it_is_sent()
    {
        await using var appliance = await RunningAppliance.StartAsync("--Data:ReserveMegabytes", "1048576");
        using var connection = new TcpClient();
        await connection.ConnectAsync(appliance.Mx.Host, appliance.Mx.Port, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(connection.GetStream());
        await using var writer = new StreamWriter(connection.GetStream()) { NewLine = "\r\n", AutoFlush = true };
        await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        await writer.WriteLineAsync("HELO sender.example");
        await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        await writer.WriteLineAsync("MAIL FROM:<ann@sender.example>");
        Assert.StartsWith("452 4.3.1 ", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
