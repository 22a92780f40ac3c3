using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;

namespace Appliance.Crypto.Tests.Sealing;

/// <summary>Key packet ‖ part is a standard OpenPGP message: GnuPG and Sequoia open it.</summary>
public sealed class PeerTests
{
    public static TheoryData<string> GoodKeys => [.. Fixtures.GoodKeys];

    [Theory]
    [MemberData(nameof(GoodKeys))]
    public async Task GnuPG_opens_what_we_seal(string name)
    {
        var home = Directory.CreateTempSubdirectory("gnupg");
        try
        {
            string[] common = ["--homedir", home.FullName, "--batch", "--quiet"];
            await RunAsync("gpg", [.. common, "--import", Fixtures.PrivateKeyFile(name)], []);
            var message = Message();
            Assert.Equal(message, await RunAsync("gpg", [.. common, "--decrypt"], Seal(name, message)));
        }
        finally
        {
            await RunAsync("gpgconf", ["--homedir", home.FullName, "--kill", "all"], []);
            home.Delete(recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(GoodKeys))]
    public async Task Sequoia_opens_what_we_seal(string name)
    {
        var message = Message();

        Assert.Equal(message, await RunAsync("sqop", ["decrypt", Fixtures.PrivateKeyFile(name)], Seal(name, message)));
    }

    private static byte[] Message() => RandomNumberGenerator.GetBytes(20_001);

    private static byte[] Seal(string name, byte[] message)
    {
        using var key = new BodySessionKey();
        return [.. key.WrapFor(Fixtures.Recipient(name)).Packet, .. key.Seal(PartName.Segment(1), new ReadOnlySequence<byte>(message))];
    }

    private static async Task<byte[]> RunAsync(string program, string[] arguments, byte[] input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var output = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output);
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        await reading;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program}: {await errors}");
        return output.ToArray();
    }
}
