using System.Text;

namespace Appliance.Bridge.Tests;

/// <summary>A member at a terminal: runs commands against the fake server, with a state folder of its own.</summary>
public sealed class Member : IDisposable
{
    public const string Password = "correct horse battery";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bridge-test-");

    public FakeServer Server { get; } = new();

    public string State => Path.Combine(_folder.FullName, "state");

    public string Folder(string name) => Path.Combine(_folder.FullName, name);

    public async Task<Outcome> RunAsync(string? input, params string[] args)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter();
        var host = new BridgeHost(output, error, _ => input, IsInteractive: false, _ => Server.Handler(), TimeProvider.System);
        var status = await BridgeCommand.InvokeAsync([.. args, "--state", State], host);
        return new Outcome(status, output.ToArray(), error.ToString());
    }

    public Task<Outcome> ActivateAsync() => RunAsync(Password, "activate", $"https://mail.example.org/activate#{Server.Token}", "--json");

    public Task<Outcome> LogInAsync(string password = Password) => RunAsync(password, "login", "https://mail.example.org", "ann@example.org");

    public SealedMessage Deliver(string subject, int bodyLength = 500)
    {
        var message = SealedMessage.Seal(Server.AddressPublicKey, subject, bodyLength);
        Server.Messages.Add(message);
        return message;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

public sealed record Outcome(int Status, byte[] Output, string Error)
{
    public string Text => Encoding.UTF8.GetString(Output);
}
