namespace Appliance.Server.Storage.Registry;

/// <summary>Who can read a stored field.</summary>
public enum Visibility
{
    /// <summary>The server, and so the operator, can read it.</summary>
    Clear,

    /// <summary>Only the member's client can open it.</summary>
    Sealed,

    /// <summary>The server's own secret (a key, a verifier): never disclosed, never logged.</summary>
    Secret,
}

/// <summary>How long a field is kept.</summary>
public enum Retention
{
    /// <summary>As long as the message is in the mailbox; destroyed with it.</summary>
    Message,

    /// <summary>As long as the account or its mailbox exists.</summary>
    Account,

    /// <summary>Until the session ends.</summary>
    Session,

    /// <summary>Until it is used or its time has passed, whichever is first.</summary>
    UntilUsed,

    /// <summary>As long as the appliance runs.</summary>
    Appliance,
}

/// <summary>
/// Declares one stored field: who can read it, how long it is kept and why it is there at all. Every public
/// property of a <see cref="CollectionAttribute"/> row carries one; a test fails on a row that does not.
/// Disclosure, destruction and backup read these declarations and nothing else.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class StoredAttribute(Visibility visibility, Retention retention, string why) : Attribute
{
    public Visibility Visibility => visibility;

    public Retention Retention => retention;

    /// <summary>One sentence for the person whose data it is.</summary>
    public string Why => why;
}

/// <summary>Declares a collection of the store: its stable name and what becomes of it.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class CollectionAttribute(string name) : Attribute
{
    /// <summary>The name on disk; it never changes.</summary>
    public string Name => name;

    /// <summary>Whether rows go with the message they belong to when it is destroyed.</summary>
    public bool DestroyedWithMessage { get; init; }

    public bool InBackup { get; init; } = true;
}
