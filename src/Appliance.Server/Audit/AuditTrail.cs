using System.Security.Cryptography;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;

namespace Appliance.Server.Audit;

/// <summary>What the appliance did to members' data, in counts: no names, no ids.</summary>
[Collection("audit")]
public sealed record AuditRow
{
    public static readonly Collection<AuditRow> All = Collection.Of<AuditRow>(row => [.. Key.Of(row.At), .. row.Nonce]);

    [Stored(Visibility.Clear, Retention.Appliance, "When it was done.")]
    public required DateTimeOffset At { get; init; }

    [Stored(Visibility.Clear, Retention.Appliance, "Keeps apart what was done in the same millisecond.")]
    public required byte[] Nonce { get; init; }

    [Stored(Visibility.Clear, Retention.Appliance, "What was done.")]
    public required string Action { get; init; }

    [Stored(Visibility.Clear, Retention.Appliance, "To how many.")]
    public required long Count { get; init; }
}

public static class AuditTrail
{
    private const int NonceLength = 8;

    public static IServiceCollection AddAudit(this IServiceCollection services) => services.AddCollection(AuditRow.All);

    /// <summary>Part of the write that does it, so that neither is there without the other.</summary>
    public static void Record(this IStoreTransaction transaction, string action, long count, DateTimeOffset at) =>
        transaction.Put(AuditRow.All, new AuditRow { At = at, Nonce = RandomNumberGenerator.GetBytes(NonceLength), Action = action, Count = count });
}
