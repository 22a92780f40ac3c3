namespace Appliance.Server.Admin;

/// <summary><c>Web:*</c> in appsettings.json.</summary>
public sealed class AdminOptions
{
    /// <summary>The origin people reach the web client at, such as https://mail.example.org; empty: the address it listens on.</summary>
    public string PublicUrl { get; set; } = "";
}
