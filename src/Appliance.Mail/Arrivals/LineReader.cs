using System.Buffers;

namespace Appliance.Mail.Arrivals;

/// <summary>
/// The lines of a message in place. A line ends with LF, with or without CR before it, or with the message. Only a line that
/// crosses two blocks of memory is copied, and of that one no more than <c>maxCopied</c> bytes.
/// </summary>
internal ref struct LineReader(ReadOnlySequence<byte> message, ScratchBytes scratch, int maxCopied)
{
    private ReadOnlySequence<byte>.Enumerator _blocks = message.GetEnumerator();
    private ReadOnlySpan<byte> _rest;

    /// <summary>Without its line end.</summary>
    public ReadOnlySpan<byte> Line { get; private set; }

    /// <summary>The line has more than <see cref="Line"/>.</summary>
    public bool IsCut { get; private set; }

    public long Start { get; private set; }

    /// <summary>Where the next line starts.</summary>
    public long End { get; private set; }

    /// <summary>2 for CRLF, 1 for a bare LF, 0 when the message ends without.</summary>
    public int LineEndLength { get; private set; }

    /// <summary>How many lines were read before this one.</summary>
    public int Index { get; private set; } = -1;

    public bool Read()
    {
        Start = End;
        if (_rest.IsEmpty && !NextBlock())
            return false;
        Index++;
        var end = _rest.IndexOf((byte)'\n');
        if (end < 0)
            return ReadAcrossBlocks();
        IsCut = false;
        LineEndLength = end > 0 && _rest[end - 1] == '\r' ? 2 : 1;
        Line = _rest[..(end + 1 - LineEndLength)];
        _rest = _rest[(end + 1)..];
        End += end + 1;
        return true;
    }

    /// <summary>Counts the lines that are left, and shows none of them.</summary>
    public void SkipAll()
    {
        var endsInLine = false;
        while (NextBlock())
        {
            Index += _rest.Count((byte)'\n');
            End += _rest.Length;
            endsInLine = _rest[^1] != '\n';
            _rest = default;
        }
        Index += endsInLine ? 1 : 0;
        Start = End;
        Line = default;
    }

    private bool ReadAcrossBlocks()
    {
        scratch.Clear();
        var endsInCr = false;
        int end;
        do
        {
            end = _rest.IndexOf((byte)'\n');
            var piece = end < 0 ? _rest : _rest[..end];
            if (!piece.IsEmpty)
                endsInCr = piece[^1] == '\r';
            scratch.Append(piece[..Math.Min(piece.Length, maxCopied - scratch.Length)]);
            End += piece.Length + (end < 0 ? 0 : 1);
            _rest = end < 0 ? default : _rest[(end + 1)..];
        }
        while (end < 0 && NextBlock());
        LineEndLength = end < 0 ? 0 : endsInCr ? 2 : 1;
        var isWhole = End - Start == scratch.Length + (end < 0 ? 0 : 1);
        IsCut = !isWhole;
        Line = LineEndLength == 2 && isWhole ? scratch.Span[..^1] : scratch.Span;
        return true;
    }

    private bool NextBlock()
    {
        while (_rest.IsEmpty)
        {
            if (!_blocks.MoveNext())
                return false;
            _rest = _blocks.Current.Span;
        }
        return true;
    }
}
