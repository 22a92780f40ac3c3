namespace Appliance.Mail.AuthResults;

/// <summary>What one method found (RFC 8601 §2.2): <c>dkim=pass header.d=example.org</c>.</summary>
/// <param name="Method">Lower case.</param>
/// <param name="Result">Lower case.</param>
/// <param name="Properties">Such as <c>header.d</c>, lower case, with its value.</param>
public sealed record AuthResult(string Method, string Result, IReadOnlyList<(string Name, string Value)> Properties)
{
    public string? this[string property] => Properties.FirstOrDefault(one => one.Name == property).Value;
}
