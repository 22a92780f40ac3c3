using LiteDB;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>
/// Schema version 1 kept each row, and each entry of an index, as a document of its own. Such a store is taken over once, when it is opened. Version 2 had rows of any
/// size in leaves: those stay where they are until they are written again.
/// </summary>
internal sealed partial class LiteDbPages
{
    private const string FormerTable = "rows";
    private const int FormerRowsAtOnce = 500;
    private const uint UpgradeCheckpointPages = 4096;

    /// <summary>Takes over a store of an earlier schema version. Interrupted, it is begun again the next time; the former rows go last.</summary>
    /// <exception cref="StoreDamagedException">Former rows cannot be read; they stay as they are.</exception>
    /// <exception cref="StoreFailedException">The disk did not take it; the former rows stay as they are.</exception>
    public void Upgrade()
    {
        if (!_engine.GetCollectionNames().Contains(FormerTable))
        {
            RaiseVersion();
            return;
        }
        if (Get(SchemaRow.Rows.Name, SchemaRow.OnlyKey) is null)
        {
            Drop(Table); // what an interrupted attempt left
            TakeOverFormerRows();
        }
        Drop(FormerTable);
        Checkpoint();
    }

    /// <summary>Before any value lies apart, so that no program of version 2 takes one for damage.</summary>
    private void RaiseVersion()
    {
        try
        {
            if (Get(SchemaRow.Rows.Name, SchemaRow.OnlyKey) is { } encoded && RowCodec.Read<SchemaRow>(encoded) is { Version: 2 } schema)
                PutSchema(schema);
        }
        catch (StoreDamagedException)
        {
            // One damaged page must not keep the others from being served.
        }
    }

    private void PutSchema(SchemaRow schema)
    {
        var overlay = new Overlay();
        new LiteDbTransaction(new CurrentRows(this), overlay).Put(SchemaRow.Rows, schema with { Version = SchemaRow.Current });
        Commit(overlay);
    }

    private void TakeOverFormerRows()
    {
        SchemaRow? schema = null;
        byte[] from = [];
        while (FormerRows(from) is { Count: > 0 } documents)
        {
            var overlay = new Overlay();
            foreach (var document in documents)
            {
                var key = document[KeyField].AsBinary;
                var name = TableKey.NameIn(key);
                if (name.Contains('.', StringComparison.Ordinal))
                    continue; // an entry of an index; its row says it too
                var value = document[ValueField].AsBinary;
                if (name == SchemaRow.Rows.Name)
                    schema = RowCodec.Read<SchemaRow>(value);
                else
                    overlay.Set(name, key[TableKey.PrefixLength(name)..], new Change(value, EntriesOf(document), IsNew: true));
            }
            Commit(overlay);
            if (_log.Pages >= UpgradeCheckpointPages)
                Checkpoint();
            from = Key.After(documents[^1][KeyField].AsBinary);
        }
        if (schema is not { Version: 1 })
            throw new StoreDamagedException("The store's rows are of schema version 1, and its schema row is not. Restore a backup.");
        PutSchema(schema); // last: it says that the others are there
    }

    private List<BsonDocument> FormerRows(byte[] from)
    {
        var query = new Query { Limit = FormerRowsAtOnce, OrderBy = TableQuery.Key, Select = BsonExpression.Root };
        query.Where.Add(TableQuery.Between(from, [byte.MaxValue]));
        var documents = new List<BsonDocument>();
        using var reader = _engine.Query(FormerTable, query);
        while (reader.Read())
            documents.Add(reader.Current.AsDocument);
        return documents;
    }

    private static IndexEntries EntriesOf(BsonDocument document) =>
        new([.. document.Where(field => field.Key is not (KeyField or ValueField)).Select(field => (field.Key, (byte[]?)field.Value.AsBinary))]);

    private void Drop(string table)
    {
        _failure.ThrowIfHappened();
        _data.Settle();
        if (_engine.DropCollection(table))
            _log.Barrier();
    }
}
