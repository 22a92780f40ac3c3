using System.Diagnostics;

namespace Appliance.Mail.Smtp;

/// <summary>
/// Turns what follows DATA or BDAT into a message (RFC 5321 §4.5.2, RFC 3030 §2), whatever pieces it arrives in.
/// Only CRLF.CRLF ends DATA. A CR or LF on its own never ends a line, let alone the message, and spoils the message:
/// what one host reads as the end and the next does not is how mail is smuggled. NUL and octets over 127 are kept as
/// they are, with or without BODY=8BITMIME, as most hosts do. A spoiled message is read on, and not kept.
/// </summary>
internal sealed class ContentReceiver(SmtpOptions options, MessageBudget budget, bool dotStuffed, string? network = null) : IDisposable
{
    private const byte Cr = (byte)'\r', Lf = (byte)'\n', Dot = (byte)'.';

    private enum Place
    {
        LineStart,
        InLine,
        AfterCr,
        /// <summary>After the dot at a line's start, which is never part of the message.</summary>
        AfterDot,
        AfterDotCr,
    }

    private Place _place = Place.LineStart;
    private long _octets;
    private bool _hasBareLineEnd;
    private bool _lacksMemory;

    public MessageBuffer Message { get; } = new(budget, network);

    /// <summary>The end of DATA was seen.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>So much was read of a refused message that it is better to close.</summary>
    public bool IsBeyondPatience => _octets > options.MaxReadBytes;

    /// <summary>Null while the message can be taken. The same for the same octets, whatever their pieces.</summary>
    public SmtpReply? Refusal =>
        _octets > options.MaxMessageBytes ? SmtpReplies.MessageTooLarge
        : _hasBareLineEnd ? SmtpReplies.BareLineEnd
        : _lacksMemory ? SmtpReplies.NoMemory
        : null;

    /// <summary>Takes octets up to the end of DATA; says how many those were.</summary>
    public int Receive(ReadOnlySpan<byte> input)
    {
        var run = 0; // input[run..i] belongs to the message and is not yet kept
        var i = 0;
        while (i < input.Length)
        {
            switch (_place)
            {
                case Place.InLine:
                    var hop = input[i..].IndexOfAny(Cr, Lf);
                    if (hop < 0)
                    {
                        i = input.Length;
                        break;
                    }
                    i += hop + 1;
                    if (input[i - 1] == Lf)
                        _hasBareLineEnd = true;
                    else
                        _place = Place.AfterCr;
                    break;

                case Place.AfterCr:
                    if (input[i] == Lf)
                    {
                        i++;
                        _place = Place.LineStart;
                    }
                    else
                    {
                        _hasBareLineEnd = true;
                        _place = Place.InLine;
                    }
                    break;

                case Place.LineStart:
                    if (dotStuffed && input[i] == Dot)
                    {
                        Keep(input[run..i]);
                        run = ++i;
                        _place = Place.AfterDot;
                    }
                    else
                    {
                        _place = Place.InLine;
                    }
                    break;

                case Place.AfterDot:
                    if (input[i] == Cr)
                    {
                        run = ++i;
                        _place = Place.AfterDotCr;
                    }
                    else
                    {
                        _place = Place.InLine;
                    }
                    break;

                case Place.AfterDotCr:
                    if (input[i] == Lf)
                    {
                        HasEnded = true;
                        return i + 1;
                    }
                    _hasBareLineEnd = true;
                    _place = Place.InLine;
                    break;

                default:
                    throw new UnreachableException();
            }
        }
        Keep(input[run..]);
        return input.Length;
    }

    /// <summary>BDAT's last octet is here: a CR before it is a CR alone.</summary>
    public void Finish() => _hasBareLineEnd |= _place == Place.AfterCr;

    /// <summary>The last octet is here; null when the message can be taken.</summary>
    public SmtpReply? Complete()
    {
        _lacksMemory |= Refusal is null && !Message.TryComplete();
        return Refusal;
    }

    public void Dispose() => Message.Dispose();

    private void Keep(ReadOnlySpan<byte> octets)
    {
        _octets += octets.Length;
        if (Refusal is null && Message.TryAppend(octets))
            return;
        _lacksMemory |= Refusal is null;
        Message.Dispose();
    }
}
