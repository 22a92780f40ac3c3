using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Appliance.Crypto.Formats;

namespace Appliance.Mail.Arrivals;

/// <summary>
/// Finds the parts of a message (RFC 2045, RFC 2046) in one pass over its lines, without recursion: a stack of the parts that are
/// open at this line. A boundary of an outer multipart closes what is open within; the end of the message closes all.
/// </summary>
internal sealed class MimeScanner(ArrivalLimits limits) : IDisposable
{
    // RFC 2046 §5.1.1 allows 70 characters; a line in mail has no more than this.
    private const int MaxBoundaryBytes = 998;

    private readonly HeaderFields _fields = new(limits.MaxFieldBytes, limits.MaxHeaderBytes);
    private readonly ScratchBytes _scratch = new(1_024);
    private readonly List<OpenPart> _open = [];
    // As long as the stack. A message of lines that look like boundaries costs one hash a line, however many are open.
    private readonly List<int> _boundaryHashes = [];
    private Summary? _summary;
    private MimeNode? _root;
    private bool _inHeader;
    private bool _isOpaque;
    private int _parts;

    public Summary Scan(ReadOnlySequence<byte> message)
    {
        var lines = new LineReader(message, _scratch, limits.MaxFieldBytes);
        var previousLineEnd = 0;
        var previousWasEmpty = false;
        Begin(0, 0, "text/plain");
        while (lines.Read())
        {
            if (!_isOpaque && lines.Line.StartsWith("--"u8) && FindBoundary(lines.Line) is (var owner and >= 0, var isEnd))
            {
                // RFC 2046 §5.1.1: the line end before a boundary belongs to the boundary.
                CloseAbove(owner, lines.Start, previousLineEnd, lines.Index - (previousWasEmpty ? 1 : 0), lines.Index);
                if (isEnd)
                    _open[owner].Boundary = null;
                else
                    Begin(lines.End, lines.Index + 1, _open[owner].ChildType);
            }
            else if (_inHeader)
            {
                if (lines.Line.IsEmpty)
                {
                    EndHeader(lines.End, lines.Index + 1);
                    if (!_inHeader && _open.TrueForAll(part => part.Boundary is null))
                        lines.SkipAll(); // none of them can be a boundary
                }
                else
                    _fields.Add(lines.Line, lines.IsCut);
            }
            previousLineEnd = lines.LineEndLength;
            previousWasEmpty = lines.Line.IsEmpty;
        }
        CloseAbove(-1, lines.End, 0, lines.Index + 1, lines.Index + 1);
        return _summary! with { Size = message.Length, Mime = _root! };
    }

    public void Dispose()
    {
        _fields.Dispose();
        _scratch.Dispose();
    }

    /// <summary>A line that is the delimiter of an open multipart, the innermost first; owner -1 when it is none.</summary>
    private (int Owner, bool IsEnd) FindBoundary(ReadOnlySpan<byte> line)
    {
        var text = line[2..].TrimEnd(" \t"u8);
        var starts = FindOwner(text);
        var ends = text.EndsWith("--"u8) ? FindOwner(text[..^2]) : -1;
        return ends > starts ? (ends, true) : (starts, false);
    }

    private int FindOwner(ReadOnlySpan<byte> boundary)
    {
        var hash = Hash(boundary);
        var hashes = CollectionsMarshal.AsSpan(_boundaryHashes);
        for (var i = hashes.LastIndexOf(hash); i >= 0; i = hashes[..i].LastIndexOf(hash))
        {
            if (_open[i].Boundary is { } owned && boundary.SequenceEqual(owned))
                return i;
        }
        return -1;
    }

    private static int Hash(ReadOnlySpan<byte> boundary)
    {
        var hash = new HashCode();
        hash.AddBytes(boundary);
        return hash.ToHashCode();
    }

    private void Begin(long offset, int line, string defaultType)
    {
        var part = new OpenPart { HeaderOffset = offset, Offset = offset, FirstLine = line, DefaultType = defaultType };
        _open.Add(part);
        _boundaryHashes.Add(0);
        if (++_parts >= limits.MaxParts && _parts > 1)
        {
            _isOpaque = true;
            _inHeader = false;
            part.Node = new MimeNode { Type = "application/octet-stream", HeaderOffset = offset, Offset = offset, Length = 0 };
            return;
        }
        _fields.Clear();
        _inHeader = true;
    }

    private void EndHeader(long offset, int line)
    {
        _inHeader = false;
        var part = _open[^1];
        part.Offset = offset;
        part.FirstLine = line;
        var node = part.Node = PartHeader.Read(_fields, part.DefaultType, part.HeaderOffset, offset);
        if (_open.Count == 1)
            _summary = MessageHeader.Read(_fields, offset, node);
        else if (_open[^2].IsMessage)
            _open[^2].Envelope = MessageHeader.ReadEmbedded(_fields);
        if (_open.Count >= limits.MaxDepth)
            return;
        if (node.Type.StartsWith("multipart/", StringComparison.Ordinal))
        {
            if (node.Parameters.GetValueOrDefault("boundary")?.TrimEnd() is { Length: > 0 and <= MaxBoundaryBytes } usable)
            {
                part.Boundary = Encoding.UTF8.GetBytes(usable);
                _boundaryHashes[^1] = Hash(part.Boundary);
            }
            // RFC 2046 §5.1.5
            part.ChildType = node.Type == "multipart/digest" ? "message/rfc822" : "text/plain";
        }
        else if (node is { Type: "message/rfc822" or "message/global", Encoding: "7bit" or "8bit" or "binary" })
        {
            part.IsMessage = true;
            Begin(offset, line, "text/plain");
        }
    }

    /// <param name="owner">The part that stays open with all around it.</param>
    /// <param name="at">Where the line starts that closes the rest.</param>
    /// <param name="lineEnd">Bytes of the line end before it, which belong to no part.</param>
    /// <param name="bodyLines">Lines before <paramref name="at"/> that start within the body.</param>
    /// <param name="allLines">Lines before <paramref name="at"/>.</param>
    private void CloseAbove(int owner, long at, int lineEnd, int bodyLines, int allLines)
    {
        while (_open.Count - 1 > owner)
        {
            // May open one more: the message of a message/rfc822 that ends with its header.
            while (_inHeader)
                EndHeader(at, allLines);
            var part = _open[^1];
            _open.RemoveAt(_open.Count - 1);
            _boundaryHashes.RemoveAt(_open.Count);
            var closed = part.Node! with
            {
                Length = Math.Max(at - lineEnd - part.Offset, 0),
                Lines = Math.Max(bodyLines - part.FirstLine, 0),
                Children = part.Children,
                Envelope = part.Envelope,
            };
            if (_open.Count == 0)
                _root = closed;
            else
                _open[^1].AddChild(closed);
        }
    }

    private sealed class OpenPart
    {
        private List<MimeNode>? _children;

        public required long HeaderOffset { get; init; }

        public required string DefaultType { get; init; }

        public required long Offset { get; set; }

        public required int FirstLine { get; set; }

        public MimeNode? Node { get; set; }

        /// <summary>Null unless this is a multipart whose end was not seen yet.</summary>
        public byte[]? Boundary { get; set; }

        public string ChildType { get; set; } = "text/plain";

        public bool IsMessage { get; set; }

        public EmbeddedEnvelope? Envelope { get; set; }

        public IReadOnlyList<MimeNode> Children => _children ?? (IReadOnlyList<MimeNode>)[];

        public void AddChild(MimeNode child) => (_children ??= []).Add(child);
    }
}
