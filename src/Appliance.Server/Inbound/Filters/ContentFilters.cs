using System.Buffers;
using Appliance.Crypto.Formats;
using Appliance.Mail.Authentication;
using Appliance.Mail.Smtp;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound.Filters;

/// <summary>What other programs said of a message.</summary>
/// <param name="Refusal">Null when it is kept.</param>
/// <param name="Junk">Why it is filed to Junk (<see cref="Verdict.Junk"/>); null when it is not.</param>
/// <param name="Results">For its verdict; empty when nobody was asked.</param>
internal sealed record FilterReport(SmtpReply? Refusal, string? Junk, IReadOnlyList<FilterResult> Results)
{
    /// <summary>Nobody is to be asked.</summary>
    public static readonly FilterReport Unasked = new(null, null, []);
}

/// <summary>
/// Asks rspamd and clamd, where the operator wants it, while the message is in memory. They are other programs: what they write to their disks is theirs (docs/security.md).
/// </summary>
internal sealed partial class ContentFilters(RspamdFilter rspamd, ClamdFilter clamd, IOptions<FilterOptions> options, TimeProvider time, ILogger<ContentFilters> log)
{
    private static readonly TimeSpan BetweenComplaints = TimeSpan.FromMinutes(10);
    private static readonly SmtpReply Spam = new(550, "5.7.1", "This message looks like spam. If it is none, write differently, or to postmaster here", "rspamd");
    private static readonly SmtpReply NotChecked = new(451, "4.7.1", "This message could not be checked at the moment, try again later", "filter absent");
    private long? _complainedAt;

    /// <param name="mustTake">Nothing is refused: it is filed to Junk instead.</param>
    public async ValueTask<FilterReport> CheckAsync(SmtpEnvelope envelope, OriginalClient client, ReadOnlySequence<byte> message, bool mustTake, CancellationToken cancellationToken)
    {
        if (!rspamd.IsOn && !clamd.IsOn)
            return FilterReport.Unasked;
        var spam = rspamd.IsOn ? rspamd.AskAsync(envelope, client, message, cancellationToken) : null;
        var virus = clamd.IsOn ? clamd.AskAsync(message, cancellationToken) : null;
        // Both are waited for whatever becomes of one: the message's memory is theirs until then.
        await Task.WhenAll(new Task?[] { spam, virus }.OfType<Task>());
        var (spamSaid, virusSaid) = (spam is null ? null : await spam, virus is null ? null : await virus);
        var results = new List<FilterResult>();
        SmtpReply? refusal = null;
        string? junk = null;
        if (virusSaid is not null)
        {
            results.Add(new FilterResult("clamd", virusSaid.Word.ToString().ToLowerInvariant(), virusSaid.Virus));
            if (virusSaid.Word == ClamdWord.Virus)
                Decide(options.Value.OnVirus, new SmtpReply(550, "5.7.1", $"This message carries what a virus scanner calls {virusSaid.Virus}; look at your machine, or send it without that", "clamd"), "virus");
            else if (virusSaid.Word == ClamdWord.Absent)
                Miss("clamd", options.Value.OnClamdAbsent);
        }
        if (spam is not null)
        {
            results.Add(new FilterResult("rspamd", spamSaid?.Action ?? "absent", spamSaid is null ? null : FormattableString.Invariant($"{spamSaid.Score:0.0}/{spamSaid.RequiredScore:0.0}")));
            if (spamSaid is null)
                Miss("rspamd", options.Value.OnRspamdAbsent);
            else if (spamSaid.Action is "reject")
                Decide(options.Value.OnSpam, Spam, "spam");
            else if (spamSaid.Action is "soft reject")
                refusal ??= NotChecked;
            else if (spamSaid.Action is "add header" or "rewrite subject")
                junk ??= "spam";
        }
        return new FilterReport(refusal, junk, results);

        void Decide(ArrivalAction action, SmtpReply reply, string reason)
        {
            if (action == ArrivalAction.Refuse && !mustTake)
                refusal ??= reply;
            else
                junk ??= reason;
        }

        void Miss(string filter, ArrivalAction action)
        {
            Complain(filter, action);
            if (action == ArrivalAction.Defer)
                refusal ??= NotChecked;
        }
    }

    private void Complain(string filter, ArrivalAction action)
    {
        var now = time.GetTimestamp();
        if (_complainedAt is { } last && time.GetElapsedTime(last, now) < BetweenComplaints)
            return;
        _complainedAt = now;
        LogAbsent(filter, action == ArrivalAction.Defer ? "senders are asked to try again" : "mail is taken without its word");
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Filter} does not answer, so {What}. Start it, or change Filters:* in the configuration; appliance check says more")]
    private partial void LogAbsent(string filter, string what);
}
