using System.Globalization;
using System.Text;
using Appliance.Mail.Dkim;
using Appliance.Mail.Headers;

namespace Appliance.Mail.Arc;

/// <summary>What one intermediary added (RFC 8617 §4.2): its authentication results, its signature over the message and its seal over all sets so far.</summary>
/// <param name="Results">ARC-Authentication-Results, without the instance.</param>
internal sealed record ArcSet(int Instance, RawField ResultsField, string Results, RawField Message, TagList MessageTags, RawField Seal, TagList SealTags)
{
    /// <summary>RFC 8617 §4.2.1.</summary>
    public const int MostSets = 50;

    private const string ResultsName = "ARC-Authentication-Results", MessageName = "ARC-Message-Signature", SealName = "ARC-Seal";

    /// <summary>The chain validation status that the sealer found.</summary>
    public string? ChainStatus => SealTags["cv"];

    /// <summary>All sets from the first; none when the message has no such field. <c>Wrong</c>: the chain is broken, and how.</summary>
    public static (IReadOnlyList<ArcSet> Sets, string? Wrong) ReadAll(HeaderBlock message)
    {
        var results = message.All(ResultsName).Take(MostSets + 1).ToList();
        var signatures = message.All(MessageName).Take(MostSets + 1).ToList();
        var seals = message.All(SealName).Take(MostSets + 1).ToList();
        var count = Math.Max(results.Count, Math.Max(signatures.Count, seals.Count));
        if (count == 0)
            return ([], null);
        if (count > MostSets)
            return ([], $"it has more than {MostSets} sets");
        if (results.Count != count || signatures.Count != count || seals.Count != count)
            return ([], "a set of the chain is not complete");
        var sets = new ArcSet?[count];
        foreach (var field in seals)
        {
            if (TagList.Parse(field.Value.Span) is not { } tags || InstanceOf(tags["i"]) is not { } instance || instance > count || sets[instance - 1] is not null)
                return ([], "a seal of the chain has a wrong number, or is not written as RFC 8617 has it");
            sets[instance - 1] = new ArcSet(instance, default, "", default, tags, field, tags);
        }
        foreach (var field in signatures)
        {
            if (TagList.Parse(field.Value.Span) is not { } tags || InstanceOf(tags["i"]) is not { } instance || instance > count || sets[instance - 1]!.Message.Name is not null)
                return ([], "a signature of the chain has a wrong number, or is not written as RFC 8617 has it");
            sets[instance - 1] = sets[instance - 1]! with { Message = field, MessageTags = tags };
        }
        foreach (var field in results)
        {
            if (ReadResults(field) is not var (instance, written) || instance > count || sets[instance - 1]!.ResultsField.Name is not null)
                return ([], "authentication results of the chain have a wrong number");
            sets[instance - 1] = sets[instance - 1]! with { ResultsField = field, Results = written };
        }
        return (sets!, null);
    }

    /// <summary>RFC 8617 §4.1.1: <c>i=1;</c> comes first.</summary>
    private static (int Instance, string Results)? ReadResults(RawField field)
    {
        var written = Encoding.UTF8.GetString(field.Value.Span);
        var end = written.IndexOf(';', StringComparison.Ordinal);
        if (end < 0 || written[..end].Split('=') is not [var name, var number] || name.Trim() != "i" || InstanceOf(number.Trim()) is not { } instance)
            return null;
        return (instance, written[(end + 1)..].Trim());
    }

    private static int? InstanceOf(string? written) =>
        written is { Length: 1 or 2 } && int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var instance) && instance is >= 1 and <= MostSets ? instance : null;
}
