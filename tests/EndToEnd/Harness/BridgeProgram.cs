using System.Text;
using System.Text.Json;

namespace Appliance.EndToEnd.Harness;

/// <summary>What <c>activate --json</c> prints.</summary>
public sealed record Activated(string Address, string Fingerprint, string Phrase);

/// <summary>One row of <c>list --json</c>.</summary>
public sealed record Listed(string Id, string From, string Subject, DateTimeOffset? Date, long Size, string Folder);

/// <summary>A member's computer: <c>appliance-bridge</c> with a state folder and a password of its own.</summary>
public sealed class BridgeProgram(string state, string password) : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public BridgeProgram(string password) : this(Directory.CreateTempSubdirectory("appliance-bridge-").FullName, password)
    {
    }

    public string State => state;

    public Task<Activated> ActivateAsync(string link, string? domain = null, string? address = null) =>
        JsonAsync<Activated>(["activate", link, .. Choice("--domain", domain), .. Choice("--address", address), "--json"], password + "\n");

    public async Task LoginAsync(Uri web, string address) => (await RunAsync(password + "\n", "login", web.ToString(), address)).Succeeded();

    public async Task LogoutAsync() => (await RunAsync("", "logout")).Succeeded();

    public Task<IReadOnlyList<Listed>> ListAsync() => JsonAsync<IReadOnlyList<Listed>>(["list", "--json"], "");

    public async Task<byte[]> ReadAsync(string id) => (await RunAsync("", "read", id)).Succeeded().Output;

    public async Task ExportAsync(string folder, params string[] options) =>
        (await RunAsync("", ["export", folder, .. options])).Succeeded();

    /// <summary>The armored private key under <paramref name="passphrase"/>.</summary>
    public async Task<byte[]> ExportKeyAsync(string passphrase) =>
        (await RunAsync(passphrase + "\n", "key", "export")).Succeeded().Output;

    /// <summary>Runs one command; <paramref name="input"/> is its standard input.</summary>
    public Task<CommandResult> RunAsync(string input, params string[] arguments)
    {
        string[] line = [.. Programs.Bridge, .. arguments, "--state", state];
        return new Command(line[0], line[1..]) { Input = Encoding.UTF8.GetBytes(input) }.RunAsync();
    }

    public void Dispose() => Directory.Delete(state, recursive: true);

    private async Task<T> JsonAsync<T>(string[] arguments, string input)
    {
        var result = (await RunAsync(input, arguments)).Succeeded();
        return JsonSerializer.Deserialize<T>(result.Output, Json) ?? throw new InvalidDataException($"{result.Name} printed null.");
    }

    private static string[] Choice(string option, string? value) => value is null ? [] : [option, value];
}
