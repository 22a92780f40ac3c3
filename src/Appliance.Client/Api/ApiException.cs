using System.Net;

namespace Appliance.Client.Api;

/// <summary>The server said no, could not be reached, or answered what the API does not define.</summary>
public sealed class ApiException(string code, HttpStatusCode? status, string title, Exception? inner = null) : Exception(title, inner)
{
    public const string Unreachable = "unreachable";
    public const string TimedOut = "timed-out";
    public const string BadAnswer = "bad-answer";
    public const string SignedOut = "signed-out";
    public const string SignInFailed = "sign-in-failed";
    public const string NotFound = "not-found";

    /// <summary>The stable code of docs/api.md, or one of ours.</summary>
    public string Code => code;

    /// <summary>Null when there was no answer.</summary>
    public HttpStatusCode? Status => status;
}
