using System.Globalization;

namespace Appliance.Client.Sessions;

/// <summary>What we ask of a new password. It is stretched before anything uses it, so length is all that is asked.</summary>
public static class NewPassword
{
    public const int LeastCharacters = 10;

    /// <summary>What is wrong and what to do, or null.</summary>
    public static string? WhatIsWrongWith(string password) =>
        new StringInfo(password).LengthInTextElements < LeastCharacters
            ? $"The password is too short: use at least {LeastCharacters} characters. A few words in a row are easy to remember."
            : null;
}
