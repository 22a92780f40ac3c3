using System.Reflection;
using Appliance.Server.Storage.Registry;

namespace Appliance.Server.Storage;

/// <summary>What an engine must know of a collection before its first row: the store is opened with all of them.</summary>
public interface ICollectionDeclaration
{
    string Name { get; }

    Type RowType { get; }

    IEnumerable<string> IndexNames { get; }
}

/// <summary>
/// A collection as its feature declares it, once, beside the row type:
/// <c>Collection.Of&lt;MailboxRow&gt;(row =&gt; row.Id.Key())</c>. The name comes from the row's
/// <see cref="CollectionAttribute"/>.
/// </summary>
public sealed class Collection<T> : ICollectionDeclaration where T : class
{
    internal Collection(string name, Func<T, byte[]> key, IReadOnlyDictionary<string, Func<T, byte[]?>> indexes) =>
        (Name, Key, Indexes) = (name, key, indexes);

    public string Name { get; }

    public Type RowType => typeof(T);

    public IEnumerable<string> IndexNames => Indexes.Keys;

    /// <summary>The row's key, at most 255 bytes.</summary>
    public Func<T, byte[]> Key { get; }

    /// <summary>Ordered, non-unique secondary indexes; a row whose value is null is not in the index.</summary>
    public IReadOnlyDictionary<string, Func<T, byte[]?>> Indexes { get; }

    public Collection<T> Index(string name, Func<T, byte[]?> value) =>
        new(Name, Key, new Dictionary<string, Func<T, byte[]?>>(Indexes) { [name] = value });
}

public static class Collection
{
    /// <exception cref="InvalidOperationException">The row type carries no <see cref="CollectionAttribute"/>.</exception>
    public static Collection<T> Of<T>(Func<T, byte[]> key) where T : class
    {
        var declared = typeof(T).GetCustomAttribute<CollectionAttribute>()
            ?? throw new InvalidOperationException($"{typeof(T).Name} is stored but declares no [Collection].");
        return new Collection<T>(declared.Name, key, new Dictionary<string, Func<T, byte[]?>>());
    }
}
