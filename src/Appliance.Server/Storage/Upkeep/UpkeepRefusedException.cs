namespace Appliance.Server.Storage.Upkeep;

/// <summary>An upkeep command cannot be carried out as things are; the message says why and what to do. Nothing was changed.</summary>
public sealed class UpkeepRefusedException(string message) : Exception(message);
