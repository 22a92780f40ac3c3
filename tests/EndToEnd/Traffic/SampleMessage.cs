using System.Buffers;
using System.Text;

namespace Appliance.EndToEnd.Traffic;

/// <summary>A message to send and what to look for afterwards.</summary>
/// <param name="Bytes">CRLF lines of at most 998 octets, no NUL; ends with CRLF, so SMTP delivers exactly these.</param>
/// <param name="RequiresUtf8">Addresses or header fields beyond ASCII: send with SMTPUTF8 (RFC 6531).</param>
/// <param name="Marks">Strings that are in this message alone; some only within base64.</param>
public sealed record SampleMessage(
    string Name, byte[] Bytes, string Sender, IReadOnlyList<string> Recipients, bool RequiresUtf8, IReadOnlyList<string> Marks)
{
    /// <summary>Send with BODY=8BITMIME (RFC 6152).</summary>
    public bool Is8Bit => Bytes.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)127);

    /// <summary>The name without its number.</summary>
    public string Kind => Name[(Name.IndexOf('-', StringComparison.Ordinal) + 1)..];

    public override string ToString() => Name;
}

/// <summary>Writes a message from its parts, and remembers the marks it put there.</summary>
internal sealed class SampleWriter(SeededBytes random)
{
    private const int Base64LineBytes = 57;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    public List<string> Marks { get; } = [];

    public SeededBytes Random => random;

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    public string Mark()
    {
        Marks.Add(random.Mark());
        return Marks[^1];
    }

    public SampleWriter Line(string text = "") => Raw(Encoding.UTF8.GetBytes(text + "\r\n"));

    public SampleWriter Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    /// <summary>From, To, Subject with a mark in two of them, Date and Message-ID.</summary>
    public SampleWriter Header(string from, IEnumerable<string> to, string? subject = null) =>
        Line($"From: \"Sender {Mark()}\" <{from}>")
            .Line($"To: {string.Join(",\r\n ", to)}")
            .Line(subject ?? $"Subject: Subject {Mark()}")
            .Line("Date: Mon, 23 Nov 2026 10:00:00 +0000")
            .Line($"Message-ID: <{random.Mark()}@sender.example>");

    public SampleWriter Mime(string type, string? encoding = null, string? disposition = null)
    {
        Line("MIME-Version: 1.0").Line($"Content-Type: {type}");
        if (encoding is not null)
            Line($"Content-Transfer-Encoding: {encoding}");
        if (disposition is not null)
            Line($"Content-Disposition: {disposition}");
        return Line();
    }

    public SampleWriter Part(string boundary, string type, string? encoding = null, string? disposition = null)
    {
        Line($"--{boundary}").Line($"Content-Type: {type}");
        if (encoding is not null)
            Line($"Content-Transfer-Encoding: {encoding}");
        if (disposition is not null)
            Line($"Content-Disposition: {disposition}");
        return Line();
    }

    /// <summary>Some lines of words around a mark.</summary>
    public SampleWriter Words(int lines = 3)
    {
        for (var i = 0; i < lines; i++)
            Line(i == lines / 2 ? $"The words {Mark()} stand in this line." : $"Line {i} of a message that says nothing, {random.Mark()[..8]}.");
        return this;
    }

    /// <summary>Bytes in base64; a mark, when there is room, begins within a line so that no line end splits it.</summary>
    public SampleWriter Base64(int bytes)
    {
        var content = random.Next(bytes);
        if (bytes >= Base64LineBytes)
            Encoding.ASCII.GetBytes(Mark()).CopyTo(content, random.Below(Base64LineBytes - 24));
        return Base64(content);
    }

    public SampleWriter Base64(byte[] content)
    {
        for (var at = 0; at < content.Length; at += Base64LineBytes)
            Line(Convert.ToBase64String(content, at, Math.Min(Base64LineBytes, content.Length - at)));
        return this;
    }

    /// <summary>The file name holds a mark.</summary>
    public SampleWriter Attachment(string boundary, int bytes) =>
        Part(boundary, "application/octet-stream", "base64", $"attachment; filename=\"{Mark()}.bin\"").Base64(bytes);
}
