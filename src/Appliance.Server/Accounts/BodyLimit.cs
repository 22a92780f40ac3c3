using Microsoft.AspNetCore.Http.Metadata;

namespace Appliance.Server.Accounts;

/// <summary>The longest body of an endpoint that anybody may call (413 past it): it is read before a limit looks at who calls.</summary>
internal sealed class BodyLimit(int kilobytes) : IRequestSizeLimitMetadata
{
    public long? MaxRequestBodySize { get; } = kilobytes * 1024;
}
