using System.Buffers;
using System.Globalization;
using System.Text;
using Appliance.Crypto.Formats;

namespace Appliance.Mail.Tests.Arrivals;

/// <summary>The messages of <c>tests/corpus</c>, and ways to look at what was read of them.</summary>
internal static class Corpus
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "corpus");

    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.eml").Select(path => Path.GetFileNameWithoutExtension(path)!).Order();

    public static byte[] Load(string name) => File.ReadAllBytes(Path.Combine(Folder, name + ".eml"));

    public static ReadOnlySequence<byte> InBlocks(byte[] bytes, int blockBytes)
    {
        Block? first = null, last = null;
        for (var at = 0; at < bytes.Length; at += blockBytes)
        {
            last = new Block(bytes.AsMemory(at, Math.Min(blockBytes, bytes.Length - at)), last);
            first ??= last;
        }
        return first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    /// <summary>A line per node: type, encoding, lines, how its header begins, how its body begins and ends.</summary>
    public static string Draw(byte[] message, MimeNode node, string indent = "")
    {
        var line = string.Create(CultureInfo.InvariantCulture,
            $"{indent}{node.Type} {node.Encoding} {node.Lines} {Excerpt(message, node.HeaderOffset, node.Offset)} {Excerpt(message, node.Offset, node.Offset + node.Length)}\n");
        return line + string.Concat(node.Children.Select(child => Draw(message, child, indent + "  ")));
    }

    public static IEnumerable<MimeNode> All(MimeNode node) => node.Children.SelectMany(All).Prepend(node);

    private static string Excerpt(byte[] message, long start, long end)
    {
        var text = Encoding.UTF8.GetString(message.AsSpan()[(int)start..(int)end]).Replace("\r\n", "|", StringComparison.Ordinal);
        return $"[{(text.Length <= 24 ? text : text[..10] + "…" + text[^10..])}]";
    }

    private sealed class Block : ReadOnlySequenceSegment<byte>
    {
        public Block(ReadOnlyMemory<byte> memory, Block? previous)
        {
            Memory = memory;
            if (previous is null)
                return;
            RunningIndex = previous.RunningIndex + previous.Memory.Length;
            previous.Next = this;
        }
    }
}
