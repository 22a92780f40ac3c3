using Appliance.Contracts;
using Appliance.Server.Storage;

namespace Appliance.Server.Mailboxes;

/// <summary>Messages to a member that were refused, as the member is told of them.</summary>
internal static class RefusalEndpoints
{
    private const int MostDays = 31;

    public static void MapRefusals(this RouteGroupBuilder mailbox) => mailbox.MapGet("/refusals", List);

    private static RefusalsResponse List(string mailboxId, IStore store)
    {
        var mailbox = MailboxEndpoints.MailboxOf(mailboxId).Value;
        var days = store.Range(
            ObjectRow.All, Key.Of(mailbox, ObjectRow.RefusalsOf(DateOnly.MinValue)), Key.Of(mailbox, ObjectRow.RefusalsOf(DateOnly.MaxValue)), MostDays, descending: true);
        return new RefusalsResponse(
            [.. days.Select(day => new RefusalDayResponse(
                ObjectRow.DayOf(day.Id), [.. day.Sealed.Select(piece => new SealedPieceResponse(piece.KeyFingerprint, piece.KeyPacket, piece.Part))], day.LeftOut))]);
    }
}
