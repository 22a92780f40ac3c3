using LiteDB;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>
/// The two questions asked of the table. LiteDB parses an expression each time it is made, which costs as much as the search, so
/// each thread parses its own once and then changes the parameters: the engine reads them before the call returns.
/// </summary>
internal static class TableQuery
{
    [ThreadStatic]
    private static BsonExpression? _equal;

    [ThreadStatic]
    private static BsonExpression? _between;

    /// <summary>What rows are ordered by.</summary>
    public static BsonExpression Key { get; } = BsonExpression.Create("$._id");

    /// <summary>Nothing but that: LiteDB then answers from the index and does not load the document.</summary>
    public static BsonExpression KeyAlone { get; } = BsonExpression.Create("{ _id: $._id }");

    public static BsonExpression Equal(byte[] key)
    {
        _equal ??= BsonExpression.Create("_id = @0", BsonValue.Null);
        _equal.Parameters["0"] = key;
        return _equal;
    }

    /// <summary>Both inclusive; BETWEEN alone uses both bounds of an index.</summary>
    public static BsonExpression Between(byte[] from, byte[] to)
    {
        _between ??= BsonExpression.Create("_id BETWEEN @0 AND @1", BsonValue.Null, BsonValue.Null);
        _between.Parameters["0"] = from;
        _between.Parameters["1"] = to;
        return _between;
    }
}
