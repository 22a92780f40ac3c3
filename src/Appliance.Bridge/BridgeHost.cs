using System.Security.Cryptography;
using System.Text;
using Appliance.Client.Api;
using Appliance.Client.Opening;

namespace Appliance.Bridge;

/// <summary>What the commands use of the world around them: the terminal, the network, the clock.</summary>
/// <param name="Output">Bytes, because messages are.</param>
/// <param name="ReadSecret">One line; the argument is shown where a person is typing. Null at the end of input.</param>
/// <param name="IsInteractive">Whether a person types the secrets.</param>
/// <param name="Connect">Makes the HTTP handler; the argument is a certificate's fingerprint or null.</param>
public sealed record BridgeHost(
    Stream Output,
    TextWriter Error,
    Func<string, string?> ReadSecret,
    bool IsInteractive,
    Func<string?, HttpMessageHandler> Connect,
    TimeProvider Time)
{
    public static BridgeHost ForConsole()
    {
        if (!Console.IsInputRedirected)
            return Make(PromptWithoutEcho, isInteractive: true);
        var input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return Make(_ => input.ReadLine(), isInteractive: false);
    }

    /// <summary>Runs a command and turns what can go wrong into a line for people and an exit status.</summary>
    internal async Task<int> RunAsync(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (UsageException exception)
        {
            return await FailAsync(exception.Message, ExitStatus.WrongUsage);
        }
        catch (ApiException exception) when (exception.Code == ApiException.SignedOut)
        {
            return await FailAsync("The session has ended. Log in again: appliance-bridge login URL ADDRESS.", ExitStatus.Failed);
        }
        catch (OperationCanceledException)
        {
            return await FailAsync("Interrupted.", ExitStatus.Failed);
        }
        catch (Exception exception) when (exception is BridgeException or ApiException or SealBrokenException or FormatException
            or CryptographicException or IOException or UnauthorizedAccessException)
        {
            return await FailAsync(exception.Message, ExitStatus.Failed);
        }
    }

    /// <summary>A secret that has to be there.</summary>
    internal string RequireSecret(string prompt) => ReadSecret(prompt) is { Length: > 0 } secret
        ? secret
        : throw new UsageException($"{prompt}: nothing was given. Type it at the prompt, or give it as the first line of standard input.");

    internal Task WarnAsync(string message) => Error.WriteLineAsync($"appliance-bridge: {Printable.Line(message)}");

    internal async Task WriteLinesAsync(IEnumerable<string> lines)
    {
        await using var text = new StreamWriter(Output, new UTF8Encoding(false), leaveOpen: true);
        foreach (var line in lines)
            await text.WriteLineAsync(line);
    }

    private static BridgeHost Make(Func<string, string?> readSecret, bool isInteractive) => new(
        Console.OpenStandardOutput(), Console.Error, readSecret, isInteractive, ServerConnection.CreateHandler, TimeProvider.System);

    private async Task<int> FailAsync(string message, int status)
    {
        await WarnAsync(message);
        return status;
    }

    private static string? PromptWithoutEcho(string prompt)
    {
        Console.Error.Write($"{prompt}: ");
        var typed = new StringBuilder();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    Console.Error.WriteLine();
                    return typed.ToString();
                case ConsoleKey.Backspace:
                    typed.Length = Math.Max(0, typed.Length - 1);
                    break;
                default:
                    if (!char.IsControl(key.KeyChar))
                        typed.Append(key.KeyChar);
                    break;
            }
        }
    }
}
