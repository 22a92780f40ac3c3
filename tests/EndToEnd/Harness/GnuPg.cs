using System.Text;

namespace Appliance.EndToEnd.Harness;

/// <summary>GnuPG with a home of its own, holding one imported private key.</summary>
public sealed class GnuPg : IAsyncDisposable
{
    private readonly string _program = Peer.Need("gpg");
    private readonly string _home = Directory.CreateTempSubdirectory("gpg-").FullName;
    private readonly string _passphrase;

    private GnuPg(string passphrase) => _passphrase = passphrase;

    public static async Task<GnuPg> WithKeyAsync(byte[] armoredKey, string passphrase)
    {
        var gpg = new GnuPg(passphrase);
        (await gpg.RunAsync(armoredKey, "--import")).Succeeded();
        return gpg;
    }

    /// <summary>Decrypts each <c>NAME.pgp</c> to <c>NAME</c> beside it, in one run.</summary>
    public async Task DecryptFilesAsync(IEnumerable<string> files) =>
        (await RunAsync(Encoding.UTF8.GetBytes(string.Join('\n', files) + '\n'), "--decrypt-files")).Succeeded();

    public async ValueTask DisposeAsync()
    {
        await new Command("gpgconf", "--homedir", _home, "--kill", "gpg-agent").RunAsync();
        Directory.Delete(_home, recursive: true);
    }

    private async Task<CommandResult> RunAsync(byte[] input, string command)
    {
        var passphrase = Path.Combine(_home, "passphrase");
        await File.WriteAllTextAsync(passphrase, _passphrase);
        return await new Command(
            _program, "--homedir", _home, "--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase-file", passphrase, command) { Input = input }
            .RunAsync();
    }
}
