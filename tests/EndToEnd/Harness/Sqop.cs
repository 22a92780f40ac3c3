namespace Appliance.EndToEnd.Harness;

/// <summary>Sequoia's stateless OpenPGP command line, with one private key.</summary>
public sealed class Sqop : IDisposable
{
    private readonly string _program = Peer.Need("sqop");
    private readonly string _folder = Directory.CreateTempSubdirectory("sqop-").FullName;

    private string Key => Path.Combine(_folder, "key");

    private string Passphrase => Path.Combine(_folder, "passphrase");

    public Sqop(byte[] armoredKey, string passphrase)
    {
        File.WriteAllBytes(Key, armoredKey);
        File.WriteAllText(Passphrase, passphrase);
    }

    /// <summary>The plaintext of one OpenPGP message.</summary>
    public async Task<byte[]> DecryptAsync(byte[] message) =>
        (await new Command(_program, "decrypt", "--with-key-password=" + Passphrase, Key) { Input = message }.RunAsync()).Succeeded().Output;

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
