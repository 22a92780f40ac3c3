using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Appliance.Mail.Tests.Arc;

/// <summary>A case of the ARC test suite: validation (<c>cv</c>) or sealing (<c>AS</c>, <c>AMS</c>, <c>AAR</c>).</summary>
/// <param name="Message">With CRLF.</param>
/// <param name="Keys">TXT records by name.</param>
public sealed record ArcCase(string Name, string Message, IReadOnlyDictionary<string, string> Fields, IReadOnlyDictionary<string, string> Keys, ArcSigner? Signer);

/// <summary>Who seals, for the cases that do.</summary>
public sealed record ArcSigner(string Domain, string Selector, string PrivateKey);

/// <summary>The suite, read where it lies; nothing where it does not.</summary>
public static partial class ArcSuite
{
    public static IReadOnlyList<ArcCase> Validation { get; } = [.. Read("arc-draft-validation-tests.yml")];

    public static IReadOnlyList<ArcCase> Sealing { get; } = [.. Read("arc-draft-sign-tests.yml")];

    public static TheoryData<string> ValidationNames => [.. Validation.Select(one => one.Name)];

    public static TheoryData<string> SealingNames => [.. Sealing.Select(one => one.Name)];

    private static IEnumerable<ArcCase> Read(string file)
    {
        if (Suites.Find(file) is not { } path)
            yield break;
        var number = 0;
        var yaml = new YamlStream();
        yaml.Load(new StringReader(string.Join('\n', File.ReadLines(path).Select(Mended))));
        foreach (var document in yaml.Documents.Select(document => (YamlMappingNode)document.RootNode))
        {
            var keys = Strings((YamlMappingNode)document["txt-records"]);
            var signer = Value(document, "privatekey") is { } key ? new ArcSigner(Value(document, "domain")!, Value(document, "sel")!, key) : null;
            foreach (var (name, test) in ((YamlMappingNode)document["tests"]).Children)
            {
                var fields = Strings((YamlMappingNode)test);
                yield return new ArcCase(
                    ((YamlScalarNode)name).Value!, fields["message"].ReplaceLineEndings("\r\n"), fields, keys, signer);
            }
        }

        // What YAML does not allow: a name that stands twice, and a text that begins with an empty line of too many spaces.
        string Mended(string line) => IsCase(line) ? $"{line.TrimEnd().TrimEnd(':')} {++number}:" : Block().Replace(line, "$1|2");
    }

    private static bool IsCase(string line) => line.StartsWith("  ", StringComparison.Ordinal) && line.Length > 2 && char.IsAsciiLetter(line[2]) && line.TrimEnd().EndsWith(':')
        && !line.Contains('.', StringComparison.Ordinal);

    [GeneratedRegex(@"\A(    [A-Za-z-]+: *)\|\s*\z")]
    private static partial Regex Block();

    private static Dictionary<string, string> Strings(YamlMappingNode node) =>
        node.Children.ToDictionary(pair => ((YamlScalarNode)pair.Key).Value!, pair => (pair.Value as YamlScalarNode)?.Value ?? "");

    private static string? Value(YamlMappingNode node, string key) => node.Children.TryGetValue(key, out var value) ? ((YamlScalarNode)value).Value : null;
}
