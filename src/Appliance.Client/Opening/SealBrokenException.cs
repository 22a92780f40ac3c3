namespace Appliance.Client.Opening;

/// <summary>Sealed bytes are not what they should be: damaged, exchanged, or for another key. Nothing of them was returned.</summary>
public sealed class SealBrokenException : Exception
{
    internal const string Restore = "Fetch it again; if it stays so, ask the operator to restore it from a backup.";

    public SealBrokenException(string message)
        : base(message)
    {
    }

    public SealBrokenException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
