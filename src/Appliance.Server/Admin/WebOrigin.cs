namespace Appliance.Server.Admin;

/// <summary>The origin links point to, such as <c>http://localhost:8080</c>; known once the web server listens.</summary>
public sealed class WebOrigin
{
    public string Value { get; set; } = "";
}
