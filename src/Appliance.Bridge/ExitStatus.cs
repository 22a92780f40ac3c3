namespace Appliance.Bridge;

internal static class ExitStatus
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;
}

/// <summary>What was typed cannot be meant; the message says how to write it. Exit status 2.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>A command cannot go on; the message says what happened and what to do next. Exit status 1.</summary>
internal sealed class BridgeException(string message) : Exception(message);
