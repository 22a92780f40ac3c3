using System.Text;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;
using CollectionAttribute = Appliance.Server.Storage.Registry.CollectionAttribute;

namespace Appliance.Server.Tests.Storage;

/// <summary>The row the store's tests write.</summary>
[Collection("notes")]
public sealed record Note
{
    public static readonly Collection<Note> All = Collection.Of<Note>(note => Key.Of(note.Id))
        .Index("tag", note => note.Tag is null ? null : Key.Of(note.Tag))
        .Blob(note => note.Attached);

    [Stored(Visibility.Clear, Retention.Appliance, "Names the note.")]
    public required string Id { get; init; }

    [Stored(Visibility.Clear, Retention.Appliance, "Finds it.")]
    public string? Tag { get; init; }

    [Stored(Visibility.Clear, Retention.Appliance, "Fills it.")]
    public byte[] Content { get; init; } = [];

    [Stored(Visibility.Clear, Retention.Appliance, "What is too large for it.")]
    public BlobReference? Attached { get; init; }

    public static Note With(string id, string? tag = null, string content = "") =>
        new() { Id = id, Tag = tag, Content = Encoding.UTF8.GetBytes(content) };
}
