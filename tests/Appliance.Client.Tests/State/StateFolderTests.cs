using Appliance.Client.State;

namespace Appliance.Client.Tests.State;

public sealed class StateFolderTests : IDisposable
{
    private static readonly SavedSession Session = new(
        "https://mail.example.org", "ann@example.org", "account", "slot", [1, 2, 3], "appliance-session=x", CertificatePin: null);

    private readonly string _path = Directory.CreateTempSubdirectory("state-test-").FullName;

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public void Remembers_until_cleared()
    {
        var folder = new StateFolder(_path);
        Assert.Null(folder.Load());
        folder.Save(Session with { Address = "old@example.org" });
        folder.Save(Session);
        Assert.Equivalent(Session, folder.Load(), strict: true);
        Assert.Single(Directory.GetFiles(_path));
        folder.Clear();
        Assert.Null(folder.Load());
    }

    [Theory]
    [InlineData("""{"version":2,"session":{}}""", "version 2")]
    [InlineData("""{"version":1}""", "damaged")]
    [InlineData("not json", "damaged")]
    [InlineData("", "damaged")]
    public void Refuses_what_it_does_not_know(string json, string part)
    {
        File.WriteAllText(Path.Combine(_path, "state.json"), json);
        var error = Assert.Throws<FormatException>(() => new StateFolder(_path).Load());
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_existing_folder_is_closed_to_others()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "access lists there");
#pragma warning disable CA1416 // skipped on Windows
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.SetUnixFileMode(_path, owner | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        new StateFolder(_path).Save(Session);
        Assert.Equal(owner, File.GetUnixFileMode(_path));
#pragma warning restore CA1416
    }
}
