using System.Text.Json;
using Appliance.Server.Certificates;
using Appliance.Server.Accounts;
using Appliance.Server.Admin;
using Appliance.Server.Hosting;
using Appliance.Server.Inbound;
using Appliance.Server.Mailboxes;
using Microsoft.Extensions.Configuration;

namespace Appliance.Server.Tests.Hosting;

/// <summary>appsettings.json teaches: it holds every key there is, with its default and a comment.</summary>
public sealed class AppSettings
{
    private static readonly string Path = System.IO.Path.Combine(AppContext.BaseDirectory, "appsettings.json");

    public static TheoryData<string, Type> Sections => new()
    {
        { "Listen", typeof(ListenerOptions) },
        { "Web", typeof(AdminOptions) },
        { "SignIn", typeof(SignInOptions) },
        { "Mx", typeof(MxOptions) },
        { "Dns", typeof(DnsServers) },
        { "MailAuth", typeof(MailAuthOptions) },
        { "Mailboxes", typeof(MailboxOptions) },
        { "Tls", typeof(TlsOptions) },
    };

    [Theory]
    [MemberData(nameof(Sections))]
    public void Every_setting_is_there_with_its_default(string section, Type options)
    {
        var configured = new ConfigurationBuilder().AddJsonFile(Path).Build().GetSection(section);
        var defaults = Activator.CreateInstance(options)!;
        var fromFile = configured.Get(options);
        foreach (var property in options.GetProperties())
        {
            Assert.True(configured.GetChildren().Any(child => child.Key == property.Name), $"{section}:{property.Name} is not in appsettings.json.");
            Assert.Equal(property.GetValue(defaults), property.GetValue(fromFile));
        }
        Assert.Equal(options.GetProperties().Select(property => property.Name).Order(), configured.GetChildren().Select(child => child.Key).Order());
    }

    [Fact]
    public void Every_setting_of_ours_is_explained()
    {
        var lines = File.ReadAllLines(Path);
        var ours = lines.TakeWhile(line => !line.Contains("\"Serilog\"", StringComparison.Ordinal)).ToList();
        var explained = false;
        foreach (var line in ours.Select(line => line.Trim()))
        {
            if (line.StartsWith("//", StringComparison.Ordinal))
                explained = true;
            else if (line.StartsWith('"') && !line.EndsWith('{'))
                Assert.True(explained, $"{line} has no comment above it.");
            else
                explained = false;
        }
    }

    [Fact]
    public void It_is_json_with_comments() =>
        JsonDocument.Parse(File.ReadAllText(Path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip }).Dispose();
}
