using Appliance.Server.Storage;

namespace Appliance.Server.Tests.Storage.Conformance;

/// <summary>A store as the suite needs it: one that can be closed, opened again and made to crash.</summary>
public interface IStoreUnderTest : IAsyncDisposable
{
    /// <summary>The store; another object after it was opened again.</summary>
    IStore Store { get; }

    Task CloseAsync();

    /// <summary>Closes the store, if it is open, and opens it again.</summary>
    Task OpenAgainAsync();

    /// <summary>
    /// Ends the engine as a kill or a power cut does, at once and in the middle of what it does, and opens what is
    /// left. Works under way may end in any way, or never.
    /// </summary>
    Task CrashAsync();
}
