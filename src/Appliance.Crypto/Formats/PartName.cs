using System.Globalization;
using System.Text;

namespace Appliance.Crypto.Formats;

/// <summary>
/// What a sealed part says it is, inside the encryption: <c>summary</c>, <c>slip</c>, <c>seg/</c><i>n</i>, or <c>refusal</c>, which belongs to no body. A part under
/// another's name does not open, so parts of one body cannot be exchanged.
/// </summary>
public readonly record struct PartName
{
    private readonly string? _text;

    private PartName(string text) => _text = text;

    public static PartName Summary { get; } = new("summary");

    public static PartName Slip { get; } = new("slip");

    public static PartName Refusal { get; } = new("refusal");

    public static PartName Segment(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new PartName(string.Create(CultureInfo.InvariantCulture, $"seg/{index}"));
    }

    /// <summary>Bytes.</summary>
    internal int Length => ToString().Length;

    internal byte[] ToBytes() => Encoding.ASCII.GetBytes(ToString());

    internal void CopyTo(Span<byte> destination) => Encoding.ASCII.GetBytes(ToString(), destination);

    public override string ToString() => _text ?? throw new InvalidOperationException("A part has a name.");
}
