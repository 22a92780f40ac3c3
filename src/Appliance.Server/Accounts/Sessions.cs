using Appliance.Crypto.Formats;
using Appliance.Server.Storage;

namespace Appliance.Server.Accounts;

/// <summary>A live session, as a request sees it.</summary>
public sealed record LiveSession(byte[] TokenHash, AccountId AccountId);

/// <summary>
/// Server-side sessions: 32 random bytes in a cookie, their SHA-256 in the store. A session ends at sign-out, or after
/// 30 days without use.
/// </summary>
public sealed class Sessions(IStore store, TimeProvider time)
{
    public static readonly TimeSpan IdleLimit = TimeSpan.FromDays(30);
    private static readonly TimeSpan UseIsNotedEvery = TimeSpan.FromDays(1);

    /// <summary>A session ended; its token's hash. Raised when the store has forgotten it.</summary>
    public event Action<byte[]>? Ended;

    /// <summary>Adds a session to a write and returns the token for its cookie.</summary>
    public string Begin(IStoreTransaction transaction, AccountId account)
    {
        var (token, hash) = SecretToken.New();
        var now = time.GetUtcNow();
        transaction.Put(SessionRow.All, new SessionRow
        {
            TokenHash = hash,
            AccountId = account,
            CreatedAt = now,
            LastUsedAt = now,
        });
        return token;
    }

    /// <summary>The session of this token, or null; notes the day of use.</summary>
    public async ValueTask<LiveSession?> FindAsync(string token, CancellationToken cancellationToken)
    {
        if (SecretToken.HashOf(token) is not { } hash || store.Get(SessionRow.All, hash) is not { } session)
            return null;
        var idle = time.GetUtcNow() - session.LastUsedAt;
        if (idle > IdleLimit)
        {
            await EndAsync(hash, cancellationToken);
            return null;
        }
        if (idle > UseIsNotedEvery)
            await NoteUseAsync(hash, cancellationToken);
        return new LiveSession(hash, session.AccountId);
    }

    public bool IsLive(LiveSession session) => store.Get(SessionRow.All, session.TokenHash) is not null;

    /// <summary>Sign-out: the session and its slot are gone.</summary>
    public async Task EndAsync(byte[] tokenHash, CancellationToken cancellationToken)
    {
        await store.WriteAsync(
            transaction =>
            {
                transaction.Delete(SessionRow.All, tokenHash);
                return true;
            },
            cancellationToken);
        Ended?.Invoke(tokenHash);
    }

    public StoredSessionSlot? SlotOf(LiveSession session) => store.Get(SessionRow.All, session.TokenHash)?.Slot;

    public Task KeepSlotAsync(LiveSession session, StoredSessionSlot slot, CancellationToken cancellationToken) =>
        ChangeAsync(session.TokenHash, row => row with { Slot = slot }, cancellationToken);

    private async Task NoteUseAsync(byte[] tokenHash, CancellationToken cancellationToken)
    {
        try
        {
            await ChangeAsync(tokenHash, row => row with { LastUsedAt = time.GetUtcNow() }, cancellationToken);
        }
        catch (StoreFailedException)
        {
            // On a full disk mail can still be read.
        }
    }

    private Task<bool> ChangeAsync(byte[] tokenHash, Func<SessionRow, SessionRow> change, CancellationToken cancellationToken) =>
        store.WriteAsync(
            transaction =>
            {
                if (transaction.Get(SessionRow.All, tokenHash) is { } row)
                    transaction.Put(SessionRow.All, change(row));
                return true;
            },
            cancellationToken);
}
