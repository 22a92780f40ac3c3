using Appliance.Contracts;
using Appliance.Server.Inbound.Traces;

namespace Appliance.Server.Admin;

/// <summary>What the operator may ask about mail: by an address that they name themselves.</summary>
internal static class Traces
{
    public static async Task<Outcome<IReadOnlyList<TraceResponse>>> FindAsync(MailTraces traces, TraceRequest request, CancellationToken cancellationToken) =>
        await traces.FindAsync(request.Address, cancellationToken) is { } found
            ? new Outcome<IReadOnlyList<TraceResponse>>(found, null)
            : new Refused($"{request.Address} is not an e-mail address; write it like ann@example.org.");
}
