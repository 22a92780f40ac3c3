using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;
using CollectionAttribute = Appliance.Server.Storage.Registry.CollectionAttribute;

namespace Appliance.Server.Tests.Storage.Simulation;

/// <summary>What is written together with a <see cref="Note"/>, or not at all; may name a blob.</summary>
[Collection("papers")]
public sealed record Paper
{
    public static readonly Collection<Paper> All = Collection.Of<Paper>(paper => Key.Of(paper.Id))
        .Index("length", paper => [(byte)(paper.Length >> 16), (byte)(paper.Length >> 8), (byte)paper.Length])
        .Blob(paper => paper.Blob);

    [Stored(Visibility.Clear, Retention.Appliance, "Names the note it belongs to.")]
    public required string Id { get; init; }

    [Stored(Visibility.Clear, Retention.Appliance, "Must be the length of the note's content.")]
    public int Length { get; init; }

    [Stored(Visibility.Clear, Retention.Appliance, "Opens its blob.")]
    public BlobReference? Blob { get; init; }
}
