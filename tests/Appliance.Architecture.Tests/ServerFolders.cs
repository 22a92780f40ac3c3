using System.Text.RegularExpressions;

namespace Appliance.Architecture.Tests;

/// <summary>Inside the server a folder uses only folders to its left (docs/architecture.md).</summary>
public sealed partial class ServerFolders
{
    private static readonly string[] Order =
    [
        "Storage", "Audit", "Domains", "Accounts", "Keys", "Mailboxes", "SelfDestruct", "Certificates", "Outbound", "Outside", "Inbound", "Reports",
        "Backup", "Admin", "Hosting", "Commands",
    ];

    [Fact]
    public void A_folder_uses_only_folders_to_its_left() => Assert.Empty(
        from source in Repository.Sources("Appliance.Server")
        let folder = FolderOf(source.Path)
        where folder is not null
        from used in UsedFolders(source.Text)
        where Array.IndexOf(Order, used) > Array.IndexOf(Order, folder)
        select $"{source.Path} uses {used}");

    [Fact]
    public void Every_folder_has_its_place_in_the_order() => Assert.Empty(
        Repository.Sources("Appliance.Server").Select(source => FolderOf(source.Path)).OfType<string>().Distinct().Except(Order));

    [Fact]
    public void The_rule_sees_a_use_to_the_right() =>
        Assert.Equal(["Inbound", "Admin"], UsedFolders("using Appliance.Server.Inbound;\nvar x = Appliance.Server.Admin.Links.New();"));

    [Theory]
    [InlineData("Appliance.Crypto")]
    [InlineData("Appliance.Mail")]
    [InlineData("Appliance.Contracts")]
    [InlineData("Appliance.Server")]
    [InlineData("Appliance.Client")]
    [InlineData("Appliance.Bridge")]
    public void Namespaces_equal_folders(string project) => Assert.Empty(
        from source in Repository.Sources(project)
        let declared = Namespace().Match(source.Text)
        where declared.Success
        let folder = Path.GetDirectoryName(source.Path)!.Replace('/', '.').Replace('\\', '.')
        let expected = folder.Length == 0 ? project : $"{project}.{folder}"
        where declared.Groups[1].Value != expected
        select $"{source.Path}: {declared.Groups[1].Value}");

    private static string? FolderOf(string path) => path.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash ? path[..slash] : null;

    private static IEnumerable<string> UsedFolders(string text) => Use().Matches(text).Select(match => match.Groups[1].Value).Distinct();

    [GeneratedRegex(@"Appliance\.Server\.([A-Z]\w*)(?=[.;])")]
    private static partial Regex Use();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
