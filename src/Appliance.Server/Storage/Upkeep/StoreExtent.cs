namespace Appliance.Server.Storage.Upkeep;

/// <summary>How much of a store's files counts: the round its checkpoints have come to, and the log's pages in whole groups.</summary>
internal readonly record struct StoreExtent(ulong Round, uint LogPages);
