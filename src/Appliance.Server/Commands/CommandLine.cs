using System.CommandLine;
using Appliance.Server.Hosting;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Upkeep;

namespace Appliance.Server.Commands;

/// <summary>
/// The <c>appliance</c> command line. <c>--Section:Key value</c> overrides a setting in every command.
/// Exit status: 0 done, 1 failed, 2 wrong usage.
/// </summary>
internal static class CommandLine
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;

    public static async Task<int> RunAsync(string[] args)
    {
        var (settings, words) = SplitSettings(args);
        var root = Build(settings);
        var parsed = root.Parse(words);
        if (parsed.Errors is [var error, ..])
        {
            await Console.Error.WriteLineAsync($"{error.Message}\nSee: appliance --help");
            return WrongUsage;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception failed) when (failed
            is CommandFailedException or StoreDamagedException or StoreLockedException or StoreExposedException or StoreFailedException or UpkeepRefusedException)
        {
            await Console.Error.WriteLineAsync(failed.Message);
            return Failed;
        }
    }

    private static RootCommand Build(IReadOnlyList<string> settings)
    {
        var configuration = new Lazy<IConfigurationRoot>(() => Configuration.Read(settings));
        var run = RunCommand.Build(configuration);
        var root = new RootCommand("A private mail service for one machine. Without a command it runs the service.")
        {
            run,
            SetupCommand.Build(configuration),
            UserCommand.Build(configuration),
            DomainCommand.Build(configuration),
            AliasCommand.Build(configuration),
            MxCommand.Build(configuration),
            TraceCommand.Build(configuration),
            CheckCommand.Build(configuration),
            StoreCommand.Build(configuration),
            TimeCommand.Build(configuration),
            MailAuthCommand.Build(),
        };
        root.Action = run.Action;
        return root;
    }

    // A setting's name has a colon, which no option of ours has: --Data:Path /var/lib/appliance or --Data:Path=/var/lib/appliance.
    private static (List<string> Settings, List<string> Words) SplitSettings(string[] args)
    {
        var (settings, words) = (new List<string>(), new List<string>());
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i].Split('=', 2)[0];
            if (!name.StartsWith("--", StringComparison.Ordinal) || !name.Contains(':', StringComparison.Ordinal))
            {
                words.Add(args[i]);
                continue;
            }
            settings.Add(args[i]);
            if (name == args[i] && i + 1 < args.Length)
                settings.Add(args[++i]);
        }
        return (settings, words);
    }
}

/// <summary>A command could not do its work; the message says why and what to do.</summary>
internal sealed class CommandFailedException(string message) : Exception(message);
