using System.Globalization;
using System.Net;
using Appliance.Mail.Tests.Dns;
using YamlDotNet.RepresentationModel;

namespace Appliance.Mail.Tests.Spf;

/// <summary>One case of the RFC 7208 test suite.</summary>
public sealed record SpfCase(string Name, string Helo, IPAddress Client, string Sender, IReadOnlyList<string> Results, string? Explanation, SpfScenario Scenario);

/// <summary>A zone and the cases that live in it.</summary>
public sealed record SpfScenario(string Name, YamlMappingNode Zone)
{
    /// <summary>What the zone says, in a server. A name's SPF records stand for TXT too, unless it has TXT records of its own.</summary>
    public ZoneServer Serve()
    {
        var server = new ZoneServer();
        foreach (var (name, records) in Zone.Children.Select(pair => (((YamlScalarNode)pair.Key).Value!, (YamlSequenceNode)pair.Value)))
        {
            var hasText = records.OfType<YamlMappingNode>().Any(record => record.Children.ContainsKey("TXT"));
            server.Names.TryAdd(name, []);
            foreach (var record in records)
            {
                if (record is YamlScalarNode { Value: "TIMEOUT" })
                {
                    server.Silent.Add(name);
                    continue;
                }
                var (type, value) = ((YamlMappingNode)record).Children.Select(pair => (((YamlScalarNode)pair.Key).Value!, pair.Value)).Single();
                Add(server, name, type, value, hasText);
            }
        }
        return server;
    }

    private static void Add(ZoneServer server, string name, string type, YamlNode value, bool hasText)
    {
        switch (type)
        {
            case "TXT" when value is YamlScalarNode { Value: "NONE" }:
                break;
            case "TXT" or "SPF" when type == "TXT" || !hasText:
                server.AddText(name, value is YamlSequenceNode strings ? [.. strings.Select(Text)] : [Text(value)]);
                break;
            case "A":
                server.Add(name, ZoneServer.A, IPAddress.Parse(Text(value)).GetAddressBytes());
                break;
            case "AAAA":
                server.Add(name, ZoneServer.Aaaa, IPAddress.Parse(Text(value)).GetAddressBytes());
                break;
            case "MX":
                server.Add(name, ZoneServer.Mx, ZoneServer.MxData(ushort.Parse(Text(value[0]), CultureInfo.InvariantCulture), Text(value[1])));
                break;
            case "PTR":
                server.Add(name, ZoneServer.BackPointer, ZoneServer.NameData(Text(value)));
                break;
            case "CNAME":
                server.Add(name, ZoneServer.Cname, ZoneServer.NameData(Text(value)));
                break;
        }
    }

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value ?? "";
}

/// <summary>The suite, read where it lies; nothing where it does not.</summary>
public static class SpfSuite
{
    public static IReadOnlyList<SpfCase> Cases { get; } = [.. Read()];

    public static TheoryData<string> Names => [.. Cases.Select(one => one.Name)];

    private static IEnumerable<SpfCase> Read()
    {
        if (Suites.Find("rfc7208-tests.yml") is not { } path)
            yield break;
        using var reader = new StreamReader(path);
        var yaml = new YamlStream();
        yaml.Load(reader);
        foreach (var document in yaml.Documents.Select(document => (YamlMappingNode)document.RootNode))
        {
            var scenario = new SpfScenario(((YamlScalarNode)document["description"]).Value!, (YamlMappingNode)document["zonedata"]);
            foreach (var (name, test) in ((YamlMappingNode)document["tests"]).Children.Select(pair => (((YamlScalarNode)pair.Key).Value!, (YamlMappingNode)pair.Value)))
            {
                yield return new SpfCase(
                    $"{scenario.Name}: {name}",
                    Value(test, "helo") ?? "",
                    IPAddress.Parse(Value(test, "host")!),
                    Value(test, "mailfrom") ?? "",
                    test["result"] is YamlSequenceNode several ? [.. several.Select(node => ((YamlScalarNode)node).Value!)] : [Value(test, "result")!],
                    Value(test, "explanation"),
                    scenario);
            }
        }
    }

    private static string? Value(YamlMappingNode node, string key) => node.Children.TryGetValue(key, out var value) ? ((YamlScalarNode)value).Value : null;
}
