namespace Appliance.Mail.AuthResults;

/// <summary>The word for a result, as RFC 8601 §2.7 has it: its name in lower case, made once.</summary>
internal static class ResultWord
{
    public static string Of<T>(T result) where T : struct, Enum => Words<T>.ByResult[result];

    private static class Words<T> where T : struct, Enum
    {
        public static readonly Dictionary<T, string> ByResult = Enum.GetValues<T>().ToDictionary(result => result, result => result.ToString().ToLowerInvariant());
    }
}
