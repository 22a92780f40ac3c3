using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;
using Appliance.Contracts;
using Appliance.Server.Accounts;
using Appliance.Server.Admin;
using Appliance.Server.Audit;
using Appliance.Server.Certificates;
using Appliance.Server.Domains;
using Appliance.Server.Inbound;
using Appliance.Server.Keys;
using Appliance.Server.Mailboxes;
using Appliance.Server.SelfDestruct;
using Appliance.Server.Storage;
using Serilog;
using Serilog.Settings.Configuration;

namespace Appliance.Server.Hosting;

/// <summary>The whole service as one host: features, listeners, endpoints. Open its <see cref="StoreHost"/> before it runs.</summary>
internal static class ApplianceHost
{
    // What appsettings.json names in its section Serilog; a native program leaves out what it does not see used.
    [DynamicDependency(nameof(CultureInfo.InvariantCulture), typeof(CultureInfo))]
    public static WebApplication Build(IConfigurationRoot configuration)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddConfiguration(configuration);
        // A configuration within another passes over settings that are empty, and so would leave their defaults.
        builder.Services.AddSingleton<IConfiguration>(configuration);
        builder.Services.AddSerilog(logging => logging.ReadFrom.Configuration(configuration, new ConfigurationReaderOptions(typeof(ConsoleLoggerConfigurationExtensions).Assembly)));
        builder.Services.AddApplianceServices(configuration).AddListeners().AddReverseProxies().AddRoutingCore().AddProblemDetails(problems => problems.CustomizeProblemDetails = Problems.Customize).AddOpenApi(OpenApi.Configure);
        // As the API's description says: numbers are no strings, and of what is required nothing is missing or null.
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractsJson.Default);
        });
        builder.Services.AddHostedService<CountUsedAtStart>();
        builder.Services.AddSelfDestructSchedule(configuration);
        builder.Services.AddInboundSchedule();
        builder.Services.AddHostedService<Startup>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<SessionDrain>());
        builder.Services.AddSingleton<MailListeners>().AddHostedService(provider => provider.GetRequiredService<MailListeners>());
        builder.WebHost.UseKestrelCore().UseSockets().UseKestrelHttpsConfiguration().ConfigureKestrel((context, kestrel) =>
            Listeners.Configure(kestrel, context.Configuration.GetSection("Listen").Get<ListenerOptions>() ?? new(), Configuration.DataPath(configuration)));

        var app = builder.Build();
        app.UseForwardedHeaders();
        app.UseMiddleware<SecurityHeaders>();
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            StatusCodeSelector = error => error is StoreFailedException ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError,
        });
        app.UseStatusCodePages();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapApi();
        app.MapControl();
        app.MapWebAssets();
        return app;
    }

    /// <summary>The features without any listener: what a command works with when no service runs.</summary>
    public static IServiceCollection AddApplianceServices(this IServiceCollection services, IConfiguration configuration) => services
        .AddStorage(configuration)
        .AddAudit()
        .AddDomains()
        .AddCertificates()
        .AddAccounts()
        .AddKeys()
        .AddMailboxes()
        .AddSelfDestruct(configuration)
        .AddInbound()
        .AddAdmin();

    private static void MapApi(this WebApplication app)
    {
        app.MapOpenApi("/api/openapi.json");
        var api = app.MapGroup("/api").AddEndpointFilter(CrossSite.RefuseAsync);
        api.MapActivation();
        api.MapSignIn();
        api.MapAccount();
        api.MapMailboxes();
        api.MapSelfDestruct();
        app.Map("/api/{**rest}", () => Problems.NotFound).ExcludeFromDescription();
    }

    private static IServiceCollection AddListeners(this IServiceCollection services)
    {
        services.AddOptions<ListenerOptions>().BindConfiguration("Listen").ValidateOnStart();
        return services.AddSingleton<Microsoft.Extensions.Options.IValidateOptions<ListenerOptions>, ListenerOptionsValidation>();
    }
}
