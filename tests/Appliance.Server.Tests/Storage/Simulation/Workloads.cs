using System.Globalization;
using System.Security.Cryptography;
using Appliance.Server.Storage.LiteDb;

namespace Appliance.Server.Tests.Storage.Simulation;

internal static class Workloads
{
    private static readonly string?[] Tags = ["blue", "green", null, "red"];

    public static string Id(int number) => number.ToString("d4", CultureInfo.InvariantCulture);

    /// <summary>A message of random content, one of four in no index.</summary>
    public static Message Message(int number, int length) => new(Id(number), Tags[number % Tags.Length], RandomNumberGenerator.GetBytes(length));

    public static async Task RandomAsync(LiteDbStore store, Recording run, Dice dice)
    {
        var history = run.History;
        for (var step = 10 + dice.Roll(30); step > 0; step--)
        {
            var there = history.Now.Values.ToList();
            var some = there.Count == 0 ? null : there[(int)dice.Roll((uint)there.Count)];
            switch (dice.Roll(9))
            {
                case 0:
                    await store.CheckpointAsync();
                    break;
                case 1:
                    await history.PutWithBlobAsync(store, Some(dice), 1 + (int)dice.Roll(200_000));
                    break;
                case 2:
                    await Task.WhenAll(Enumerable.Range(0, 2 + (int)dice.Roll(20)).Select(_ => history.PutAsync(store, Some(dice))).ToList());
                    break;
                case 3 when some is not null:
                    await history.DeleteWithBlobAsync(store, some);
                    break;
                case 4 when some is not null:
                    await history.PutAsync(store, some with { Tag = "moved", Content = Some(dice).Content });
                    break;
                case 5:
                    await history.PutAsync(store, Message((int)dice.Roll(30), (int)dice.Roll(1_000_000)));
                    break;
                default:
                    await history.PutAsync(store, Some(dice));
                    break;
            }
        }
    }

    private static Message Some(Dice dice) => Message((int)dice.Roll(30), (int)dice.Roll(dice.Roll(4) == 0 ? 60_000u : 4000u));
}
