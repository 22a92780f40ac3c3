using System.Xml.Linq;

namespace Appliance.Architecture.Tests;

/// <summary>Which project may use which, and nothing else (docs/architecture.md).</summary>
public sealed class References
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Appliance.Crypto"] = [],
        ["Appliance.Mail"] = ["Appliance.Crypto"],
        ["Appliance.Contracts"] = [],
        ["Appliance.Server"] = ["Appliance.Contracts", "Appliance.Crypto", "Appliance.Mail"],
        ["Appliance.Client"] = ["Appliance.Contracts", "Appliance.Crypto", "Appliance.Mail"],
        ["Appliance.Bridge"] = ["Appliance.Client"],
    };

    private static readonly Dictionary<string, string[]> AllowedPackages = new()
    {
        ["Appliance.Crypto"] = ["BouncyCastle.Cryptography", "libsodium"],
        ["Appliance.Mail"] = ["MimeKit", "MailKit", "DnsClient"],
        ["Appliance.Contracts"] = [],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Fact]
    public void Every_source_project_is_known_here() =>
        Assert.Equal(Allowed.Keys.Order(), Repository.SourceProjects().Order());

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_it_may(string project) =>
        Assert.Empty(Items(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)).Except(Allowed[project]));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_layer_below_the_server_uses_only_the_packages_of_its_job(string project)
    {
        if (AllowedPackages.TryGetValue(project, out var allowed))
            Assert.Empty(Items(project, "PackageReference").Except(allowed));
    }

    private static IEnumerable<string> Items(string project, string kind) =>
        XDocument.Load(Path.Combine(Repository.Source, project, project + ".csproj"))
            .Descendants(kind)
            .Select(item => (string?)item.Attribute("Include"))
            .OfType<string>()
            .Select(include => include.Replace('\\', '/'));
}
