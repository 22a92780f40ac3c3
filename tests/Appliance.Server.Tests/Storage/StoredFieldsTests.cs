using System.Reflection;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;
using CollectionAttribute = Appliance.Server.Storage.Registry.CollectionAttribute;

namespace Appliance.Server.Tests.Storage;

/// <summary>Promise 7: what is stored is declared.</summary>
public sealed class StoredFieldsTests
{
    private static readonly IReadOnlyList<Type> Rows =
        [.. typeof(IStore).Assembly.GetTypes().Where(type => type.GetCustomAttribute<CollectionAttribute>() is not null)];

    [Fact]
    public void Every_field_of_every_row_says_who_can_read_it_how_long_and_why()
    {
        Assert.Contains(typeof(SchemaRow), Rows);
        var undeclared = Rows
            .SelectMany(row => row.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            .Where(field => field.CanWrite && string.IsNullOrWhiteSpace(field.GetCustomAttribute<StoredAttribute>()?.Why))
            .Select(field => $"{field.DeclaringType!.Name}.{field.Name}");
        Assert.Empty(undeclared);
    }

    [Fact]
    public void No_two_collections_share_a_name()
    {
        var names = Rows.Select(row => row.GetCustomAttribute<CollectionAttribute>()!.Name).ToList();
        Assert.Equal(names.Distinct(StringComparer.OrdinalIgnoreCase), names);
    }
}
