using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Tests.Storage;

/// <summary>
/// A disk that keeps apart what was written from what was synced, so that a power cut can be had at any moment, and
/// that can be told to fail.
/// </summary>
internal sealed class SimulatedDisk
{
    private const int Sector = 512;
    private readonly Dictionary<string, SimulatedFile> _files = [];

    /// <summary>Called before each write, cut and sync takes place.</summary>
    public Action BeforeChange { get; set; } = () => { };

    /// <summary>When set, writes and syncs fail as on a full disk.</summary>
    public bool Full { get; set; }

    /// <summary>Changes that were made since the disk was made.</summary>
    public int Changes { get; private set; }

    public IPageFile Open(string name)
    {
        if (!_files.TryGetValue(name, out var file))
            _files[name] = file = new SimulatedFile(this);
        return file;
    }

    public byte[] Content(string name) => _files[name].Current.ToArray();

    /// <summary>The same files with one changed.</summary>
    public SimulatedDisk With(string name, byte[] content)
    {
        var copy = new SimulatedDisk();
        foreach (var (other, file) in _files)
            copy._files[other] = new SimulatedFile(copy, other == name ? content : [.. file.Current]);
        return copy;
    }

    /// <summary>
    /// What is left after a power cut: all that was synced, and of every later change, whatever <paramref name="seed"/>
    /// says: nothing, all, or some of its sectors, in no order.
    /// </summary>
    public SimulatedDisk AfterPowerCut(uint seed)
    {
        var dice = new Dice(seed);
        var copy = new SimulatedDisk();
        foreach (var (name, file) in _files)
        {
            var left = new List<byte>(file.Synced);
            foreach (var change in file.Unsynced)
                change(left, dice);
            copy._files[name] = new SimulatedFile(copy, left);
        }
        return copy;
    }

    private sealed class Dice(uint seed)
    {
        private uint _state = seed * 2654435769 + 1;

        public uint Roll(uint sides)
        {
            _state ^= _state << 13;
            _state ^= _state >> 17;
            _state ^= _state << 5;
            return _state % sides;
        }
    }

    private sealed class SimulatedFile(SimulatedDisk disk, IEnumerable<byte>? content = null) : IPageFile
    {
        public List<byte> Current { get; } = [.. content ?? []];

        public List<byte> Synced { get; private set; } = [.. content ?? []];

        public List<Action<List<byte>, Dice>> Unsynced { get; } = [];

        public long Length => Current.Count;

        public int Read(Span<byte> buffer, long offset)
        {
            var length = (int)Math.Clamp(Current.Count - offset, 0, buffer.Length);
            for (var i = 0; i < length; i++)
                buffer[i] = Current[(int)offset + i];
            return length;
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            Change();
            var written = bytes.ToArray();
            Put(Current, written, (int)offset, 0, written.Length);
            Unsynced.Add((left, dice) =>
            {
                var fate = dice.Roll(3);
                if (fate == 0)
                    return;
                for (var at = 0; at < written.Length; at += Sector)
                    if (fate == 1 || dice.Roll(2) == 0)
                        Put(left, written, (int)offset, at, Math.Min(Sector, written.Length - at));
            });
        }

        public void SetLength(long length)
        {
            Change();
            Cut(Current, (int)length);
            Unsynced.Add((left, dice) =>
            {
                if (dice.Roll(2) == 0)
                    Cut(left, (int)length);
            });
        }

        public void Sync()
        {
            Change();
            Synced = [.. Current];
            Unsynced.Clear();
        }

        public void Dispose()
        {
        }

        private void Change()
        {
            disk.BeforeChange();
            if (disk.Full)
                throw new IOException("No space left on device.");
            disk.Changes++;
        }

        private static void Put(List<byte> file, byte[] bytes, int offset, int from, int length)
        {
            while (file.Count < offset + from + length)
                file.Add(0);
            for (var i = from; i < from + length; i++)
                file[offset + i] = bytes[i];
        }

        private static void Cut(List<byte> file, int length)
        {
            if (length < file.Count)
                file.RemoveRange(length, file.Count - length);
        }
    }
}
