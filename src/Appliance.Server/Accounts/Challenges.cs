namespace Appliance.Server.Accounts;

/// <summary>
/// What waits for its answer, for two minutes and in memory: each is taken once. When there are too many, the oldest of whichever client has most makes room, so that
/// few clients, who can have as many as they like, keep nobody else from having one.
/// </summary>
internal sealed class Challenges<T>(TimeProvider time) where T : class
{
    internal const int Most = 10_000;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Waiting>> _byId = [];
    private readonly LinkedList<Waiting> _oldestFirst = new();
    private readonly Dictionary<string, int> _ofClients = [];

    private sealed record Waiting(string Id, T Value, string Client, DateTimeOffset Until);

    public void Add(string id, T value, string client)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            while (_oldestFirst.First is { } oldest && oldest.Value.Until < now)
                Remove(oldest);
            if (_byId.Count >= Most)
                MakeRoom();
            _byId.Add(id, _oldestFirst.AddLast(new Waiting(id, value, client, now + Lifetime)));
            _ofClients[client] = _ofClients.GetValueOrDefault(client) + 1;
        }
    }

    /// <summary>Null: never there, taken, over, or gone to make room.</summary>
    public T? Take(string? id)
    {
        lock (_gate)
        {
            if (id is null || !_byId.TryGetValue(id, out var node))
                return null;
            Remove(node);
            return node.Value.Until < time.GetUtcNow() ? null : node.Value.Value;
        }
    }

    private void MakeRoom()
    {
        var most = _ofClients.Values.Max();
        var node = _oldestFirst.First!;
        while (_ofClients[node.Value.Client] < most)
            node = node.Next!;
        Remove(node);
    }

    private void Remove(LinkedListNode<Waiting> node)
    {
        var (id, _, client, _) = node.Value;
        _oldestFirst.Remove(node);
        _byId.Remove(id);
        if (--_ofClients[client] == 0)
            _ofClients.Remove(client);
    }
}
