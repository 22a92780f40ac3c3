using Appliance.Server.Hosting;

namespace Appliance.Server.Tests.Hosting;

public sealed class HostAndPortTests
{
    [Theory]
    [InlineData("localhost:8080", "localhost", 8080, true)]
    [InlineData("127.0.0.1:0", "127.0.0.1", 0, true)]
    [InlineData("*:25", "*", 25, false)]
    [InlineData("[::1]:443", "::1", 443, true)]
    [InlineData("192.0.2.1:65535", "192.0.2.1", 65535, false)]
    public void Reads_host_and_port(string text, string host, int port, bool loopback)
    {
        Assert.True(HostAndPort.TryParse(text, out var value));
        Assert.Equal((host, port, loopback, text), (value.Host, value.Port, value.IsLoopback, value.ToString()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("8080")]
    [InlineData(":25")]
    [InlineData("localhost:")]
    [InlineData("localhost:65536")]
    [InlineData("localhost:-1")]
    [InlineData("mail.example.org:25")]
    public void Refuses_anything_else(string? text) => Assert.False(HostAndPort.TryParse(text, out _));
}
