namespace Appliance.Mail.Headers;

/// <summary>One header field as it came, unfolded by nobody.</summary>
/// <param name="Name">As written, without white space; empty for a line that is no field.</param>
/// <param name="Bytes">All of it: name, colon, value, and the line end, where there was one.</param>
/// <param name="Offset">Of its first byte in the message.</param>
public readonly record struct RawField(string Name, ReadOnlyMemory<byte> Bytes, long Offset)
{
    /// <summary>What follows the colon, folding and line end included.</summary>
    public ReadOnlyMemory<byte> Value => Bytes[(Bytes.Span.IndexOf((byte)':') + 1)..];

    public bool Is(string name) => Name.Length > 0 && Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
