using System.Collections.Concurrent;

namespace Appliance.Mail.Dns;

/// <summary>
/// What the texts of records say, each read once; whether a record still stands, the DNS says each time. Anybody can publish records, and what is read out of one may
/// take many times its room, so neither many nor long ones are remembered: when it is full everything goes.
/// </summary>
internal sealed class ReadRecords<T>(Func<string, T> read)
{
    internal const int Most = 500, Longest = 1_024;

    private readonly ConcurrentDictionary<string, T> _known = new();

    public T Of(string text)
    {
        if (_known.TryGetValue(text, out var known))
            return known;
        var said = read(text);
        if (text.Length > Longest)
            return said;
        if (_known.Count >= Most)
            _known.Clear();
        _known[text] = said;
        return said;
    }
}
