namespace Appliance.EndToEnd.SelfDestruct;

/// <summary>Bytes that were on the disk once, and what message they were of.</summary>
internal sealed class Traces
{
    private const int SampleLength = 32;
    private readonly List<(string Of, byte[] Sample)> _samples = [];

    public IEnumerable<string> Names => _samples.Select(sample => sample.Of).Distinct();

    /// <summary>Samples from the beginning, the middle and the end: a value may be torn between pages.</summary>
    public void Add(string of, ReadOnlySpan<byte> value)
    {
        foreach (var at in new[] { 0, (value.Length - SampleLength) / 2, value.Length - SampleLength }.Distinct())
            _samples.Add((of, value.Slice(at, SampleLength).ToArray()));
    }

    /// <summary>What of them is in the files.</summary>
    public ISet<string> FoundIn(IEnumerable<string> files)
    {
        var found = new HashSet<string>();
        foreach (var path in files)
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite); // a running service may hold it
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            ReadOnlySpan<byte> content = bytes;
            foreach (var (of, sample) in _samples)
                if (content.IndexOf(sample) >= 0)
                    found.Add(of);
        }
        return found;
    }
}
