namespace Appliance.Server.Certificates;

public static class CertificatesFeature
{
    public static IServiceCollection AddCertificates(this IServiceCollection services)
    {
        services.AddOptions<TlsOptions>().BindConfiguration("Tls")
            .Validate(options => options.Certificates.Length == 0 || Directory.Exists(options.Certificates), "Tls:Certificates must name a folder that is there.")
            .ValidateOnStart();
        return services.AddSingleton<ServerCertificate>().AddSingleton<TlsCertificates>();
    }
}
