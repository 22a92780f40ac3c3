using Microsoft.AspNetCore.OpenApi;

namespace Appliance.Server.Hosting;

/// <summary>
/// The API's description, <c>/api/openapi.json</c>; the same document is committed at <c>src/web/api/openapi.json</c>, where the web client's types
/// are made from it, and a test holds the two together.
/// </summary>
internal static class OpenApi
{
    public static void Configure(OpenApiOptions options) => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Info.Title = "Appliance";
        document.Info.Version = "1";
        // The address of one server says nothing about the API.
        document.Servers?.Clear();
        return Task.CompletedTask;
    });
}
