using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Appliance.Mail.Dkim;

/// <summary>
/// SHA-256 of a body in canonical form (RFC 6376 §3.4.3, §3.4.4), in one pass, however the body is cut into pieces. White space at a line's end and empty lines at the
/// body's end are held back until something follows them.
/// </summary>
internal sealed class BodyHash : IDisposable
{
    private static readonly SearchValues<byte> SimpleStops = SearchValues.Create("\r\n"u8);
    private static readonly SearchValues<byte> RelaxedStops = SearchValues.Create("\r\n \t"u8);
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
    private readonly Canonicalization _form;
    private IncrementalHash? _hash; // of what the buffer did not hold
    private int _buffered;
    private long _lineEnds; // held back
    private bool _space; // held back, in this line
    private bool _carriageReturn; // held back: a line end, if LF follows

    private BodyHash(Canonicalization form) => _form = form;

    /// <param name="Length">Octets of the whole body in canonical form, which <c>l=</c> counts.</param>
    public readonly record struct Result(byte[] Hash, long Length);

    private long Length { get; set; }

    public static Result Of(ReadOnlySequence<byte> body, Canonicalization form)
    {
        using var hash = new BodyHash(form);
        foreach (var piece in body)
            hash.Append(piece.Span);
        return hash.Finish();
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        _hash?.Dispose();
    }

    /// <summary>Lines that are canonical as they stand, and most are, go by together; one that is not goes by octet where it must.</summary>
    private void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var lines = _space || _carriageReturn ? 0 : CanonicalLines(bytes);
            if (lines > 0)
            {
                AppendLines(bytes[..lines]);
                bytes = bytes[lines..];
                continue;
            }
            var end = bytes.IndexOf("\r\n"u8);
            var line = end < 0 ? bytes : bytes[..(end + 2)];
            AppendOctets(line);
            bytes = bytes[line.Length..];
        }
    }

    /// <param name="lines">Canonical, and whole but for the first's beginning, which went before.</param>
    private void AppendLines(ReadOnlySpan<byte> lines)
    {
        var ends = 0;
        for (; lines.EndsWith("\r\n"u8); ends++)
            lines = lines[..^2];
        if (!lines.IsEmpty)
        {
            Release();
            Write(lines);
        }
        _lineEnds += ends;
    }

    /// <summary>How many bytes the lines take at the beginning that are canonical, line ends included.</summary>
    private int CanonicalLines(ReadOnlySpan<byte> bytes)
    {
        var canonical = _form == Canonicalization.Simple ? bytes : bytes[..FirstToReduce(bytes)];
        var last = canonical.LastIndexOf("\r\n"u8);
        return last < 0 ? 0 : last + 2;
    }

    /// <summary>Where white space is that the relaxed form has otherwise: a tab, or a space before another or before a line's end.</summary>
    private static int FirstToReduce(ReadOnlySpan<byte> bytes)
    {
        var (tab, space, carriageReturn) = (Vector128.Create((byte)'\t'), Vector128.Create((byte)' '), Vector128.Create((byte)'\r'));
        var at = 0;
        for (; at < bytes.Length - Vector128<byte>.Count; at += Vector128<byte>.Count)
        {
            var here = Vector128.Create(bytes[at..]);
            var next = Vector128.Create(bytes[(at + 1)..]);
            var found = Vector128.Equals(here, tab) | (Vector128.Equals(here, space) & (Vector128.Equals(next, space) | Vector128.Equals(next, carriageReturn)));
            if (found != Vector128<byte>.Zero)
                return at + BitOperations.TrailingZeroCount(found.ExtractMostSignificantBits());
        }
        for (; at < bytes.Length - 1; at++) // the last one ends no line
            if (bytes[at] == '\t' || (bytes[at] == ' ' && bytes[at + 1] is (byte)' ' or (byte)'\r'))
                return at;
        return bytes.Length;
    }

    private void AppendOctets(ReadOnlySpan<byte> bytes)
    {
        var stops = _form == Canonicalization.Relaxed ? RelaxedStops : SimpleStops;
        while (!bytes.IsEmpty)
        {
            var length = bytes.IndexOfAny(stops);
            if (length < 0)
                length = bytes.Length;
            if (length > 0)
            {
                Release();
                Write(bytes[..length]);
                bytes = bytes[length..];
                continue;
            }
            AppendStop(bytes[0]);
            bytes = bytes[1..];
        }
    }

    private void AppendStop(byte stop)
    {
        switch (stop)
        {
            case (byte)'\n' when _carriageReturn:
                _carriageReturn = false;
                _space = false;
                _lineEnds++;
                break;
            case (byte)'\r':
                if (_carriageReturn)
                    Release();
                _carriageReturn = true;
                break;
            case (byte)'\n': // bare: a character like others
                Release();
                Write("\n"u8);
                break;
            default:
                if (_carriageReturn)
                    Release();
                _space = true;
                break;
        }
    }

    /// <summary>Something follows: what was held back is part of the body.</summary>
    private void Release()
    {
        for (; _lineEnds > 0; _lineEnds--)
            Write("\r\n"u8);
        if (_space)
            Write(" "u8);
        if (_carriageReturn)
            Write("\r"u8);
        _space = _carriageReturn = false;
    }

    private Result Finish()
    {
        if (_carriageReturn)
            Release();
        // One line end closes it, whether it came or not; a simple body of nothing is one line end, a relaxed one is nothing.
        if (Length > 0 || _form == Canonicalization.Simple)
            Write("\r\n"u8);
        if (_hash is null)
            return new Result(SHA256.HashData(_buffer.AsSpan(0, _buffered)), Length);
        _hash.AppendData(_buffer, 0, _buffered);
        return new Result(_hash.GetHashAndReset(), Length);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        if (bytes.Length > _buffer.Length - _buffered)
        {
            _hash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            _hash.AppendData(_buffer, 0, _buffered);
            _buffered = 0;
            if (bytes.Length > _buffer.Length)
            {
                _hash.AppendData(bytes);
                return;
            }
        }
        bytes.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += bytes.Length;
    }
}
