using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Relays;

/// <summary>Real mail servers deliver here, over lines that break and a service that ends and comes again.</summary>
public sealed class DeliveryTests
{
    private const int Messages = 30;

    [Theory]
    [MemberData(nameof(RelayServer.Kinds), MemberType = typeof(RelayServer))]
    public async Task Over_STARTTLS_all_arrives_once_though_connections_break_and_the_service_is_killed(string kind)
    {
        await using var household = await Household.MoveInAsync();
        var appliance = household.Appliance;
        // Within the message, which is 20 KB and more: the handshake takes one or two.
        await using var line = new BrokenLine(() => appliance.Mx, connection => connection % 3 == 0 ? 4_000 + connection * 500 : null);
        await using var relay = await RelayServer.StartAsync(kind, line.Address);

        for (var i = 0; i < Messages / 2; i++)
            await SubmitAsync(relay, i);
        await relay.FlushAsync();
        // Killed while nobody waits for a 250: whether one that was on its way counts, nobody could say.
        line.IsDown = true;
        await Until.TrueAsync(() => line.Open == 0, TimeSpan.FromSeconds(30), relay.Log);
        await appliance.KillAsync();
        for (var i = Messages / 2; i < Messages; i++)
            await SubmitAsync(relay, i);
        await relay.FlushAsync();
        await appliance.StartAsync();
        line.IsDown = false;
        await relay.DeliverAllAsync();

        Assert.True(line.Broken >= 3, $"{line.Broken} connections broke");
        Assert.Equal(Enumerable.Range(0, Messages).Select(Subject), (await household.Ben.ListAsync()).Select(message => message.Subject!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Postfix_hands_over_by_LMTP_and_tells_the_sender_of_the_recipient_that_was_refused()
    {
        await using var household = await Household.MoveInAsync(new ApplianceSettings { Values = new Dictionary<string, string> { ["Listen:Lmtp"] = "localhost:0" } });
        await using var relay = await PostfixServer.StartAsync($"lmtp:inet:{household.Appliance.Lmtp}", "lmtp_tls_security_level = may");
        await relay.SubmitAsync(Household.AnnAddress, [Household.AnnAddress, "nobody@" + Household.Domain, Household.BenAddress], "Subject: to three\r\n\r\nHello.");
        await relay.DeliverAllAsync();
        Assert.Equal(["to three"], (await household.Ben.ListAsync()).Select(message => message.Subject));
        Assert.Equal(["Undelivered Mail Returned to Sender", "to three"], (await household.Ann.ListAsync()).Select(message => message.Subject!).Order(StringComparer.Ordinal));
        Assert.Contains("550 5.1.1", relay.Log(), StringComparison.Ordinal);
    }

    private static string Subject(int number) => $"number {number:d2}";

    private static Task SubmitAsync(RelayServer relay, int number) =>
        relay.SubmitAsync("friend@sender.example", [Household.BenAddress], $"Subject: {Subject(number)}\r\n\r\n{string.Concat(Enumerable.Repeat($"line of {number}\r\n", 2000))}");
}
