using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Certificates;

/// <summary><c>Tls:*</c> in appsettings.json.</summary>
public sealed class TlsOptions
{
    /// <summary>A folder of certificates with their keys, as PEM; empty: there are none.</summary>
    public string Certificates { get; set; } = "";
}

/// <summary>
/// Says with which certificate a handshake goes on: the one for the name the client asked for (SNI, RFC 6066 §3), else the first in the folder, else our own,
/// self-signed. Files that were replaced are read at the next handshake; as long as they cannot be, what was read before stays in use.
/// </summary>
public sealed partial class TlsCertificates(ServerCertificate own, IOptions<TlsOptions> options, TimeProvider time, ILogger<TlsCertificates> log)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _unusable = []; // by certificate file: the stamp it was told about
    private bool _isUnlisted; // and that was told
    private IReadOnlyList<Loaded> _loaded = [];
    private SslStreamCertificateContext? _own;
    private long? _lookedAt;

    /// <summary>How to shake hands with a client that asked for this name; empty: it asked for none. Fresh each time: the caller may change it.</summary>
    public SslServerAuthenticationOptions For(string serverName) => new()
    {
        ServerCertificateContext = Find(serverName),
        // RFC 8996 forbids what is older; RFC 9325 §3.1.1 wants these two.
#pragma warning disable CA5398 // the system's default lets an administrator allow TLS 1.0
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
#pragma warning restore CA5398
        AllowRenegotiation = false,
    };

    private SslStreamCertificateContext Find(string serverName)
    {
        lock (_gate)
        {
            if (_lookedAt is not { } before || time.GetElapsedTime(before) >= LookAgain)
            {
                _loaded = Read();
                _lookedAt = time.GetTimestamp();
            }
            var isName = Uri.CheckHostName(serverName) != UriHostNameType.Unknown;
            return (isName ? _loaded.FirstOrDefault(one => one.Certificate.MatchesHostname(serverName, allowCommonName: false)) : null)?.Context
                ?? (_loaded is [var first, ..] ? first.Context : null)
                ?? (_own ??= SslStreamCertificateContext.Create(own.Current, additionalCertificates: null, offline: true));
        }
    }

    /// <summary>While files are being replaced, any of them may be missing for a moment, and so may the folder.</summary>
    private IReadOnlyList<Loaded> Read()
    {
        try
        {
            var found = ReadFiles();
            _isUnlisted = false;
            return found;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (!_isUnlisted)
                LogUnlisted(options.Value.Certificates, error.Message);
            _isUnlisted = true;
            return _loaded;
        }
    }

    private List<Loaded> ReadFiles()
    {
        var found = new List<Loaded>();
        foreach (var (certificate, key) in Files())
        {
            var stamp = $"{StampOf(certificate)} {StampOf(key)}";
            var before = _loaded.FirstOrDefault(one => one.Path == certificate);
            if (before?.Stamp != stamp && !(_unusable.TryGetValue(certificate, out var told) && told == stamp))
                before = Load(certificate, key, stamp) ?? before;
            if (before is not null)
                found.Add(before);
        }
        return found;
    }

    private Loaded? Load(string path, string key, string stamp)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(path);
            using var fromPem = X509Certificate2.CreateFromPemFile(path, key);
            var certificate = ServerCertificate.ForTls(fromPem);
            var (subject, end) = (certificate.Subject, certificate.NotAfter.ToUniversalTime());
            if (end <= time.GetUtcNow())
                LogExpired(path, end);
            LogLoaded(path, subject, end);
            _unusable.Remove(path);
            return new Loaded(path, stamp, certificate, SslStreamCertificateContext.Create(certificate, [.. chain.Skip(1)], offline: true));
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            _unusable[path] = stamp; // told once, and tried again when the files change: they may be half replaced
            LogUnusable(path, error.Message);
            return null;
        }
    }

    /// <summary>NAME.pem or NAME.crt with the key in it or in NAME.key; and folders with fullchain.pem and privkey.pem, as ACME clients leave them.</summary>
    private IEnumerable<(string Certificate, string Key)> Files()
    {
        var folder = options.Value.Certificates;
        if (folder.Length == 0)
            return [];
        var single =
            from path in Directory.EnumerateFiles(folder)
            where Path.GetExtension(path) is ".pem" or ".crt"
            let key = Path.ChangeExtension(path, ".key")
            select (path, File.Exists(key) ? key : path);
        var folders =
            from path in Directory.EnumerateDirectories(folder)
            let certificate = Path.Combine(path, "fullchain.pem")
            let key = Path.Combine(path, "privkey.pem")
            where File.Exists(certificate) && File.Exists(key)
            select (certificate, key);
        return single.Concat(folders).OrderBy(pair => pair.Item1, StringComparer.Ordinal);
    }

    // Through links: an ACME client replaces those, and not what they lead to.
    private static string StampOf(string path)
    {
        var file = new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        return file.Exists ? $"{file.FullName} {file.LastWriteTimeUtc.Ticks} {file.Length}" : "";
    }

    private sealed record Loaded(string Path, string Stamp, X509Certificate2 Certificate, SslStreamCertificateContext Context);

    [LoggerMessage(Level = LogLevel.Information, Message = "The certificate {Path} ({Subject}) is in use; it is valid until {NotAfter:u}")]
    private partial void LogLoaded(string path, string subject, DateTime notAfter);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The certificate {Path} expired at {NotAfter:u}; replace it")]
    private partial void LogExpired(string path, DateTime notAfter);

    [LoggerMessage(Level = LogLevel.Error, Message = "The certificates in {Folder} cannot be looked at, so those read before go on being used: {Reason}")]
    private partial void LogUnlisted(string folder, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The certificate {Path} and its key cannot be used, so what was used before goes on being used: {Reason} Replace both files; no restart is needed")]
    private partial void LogUnusable(string path, string reason);
}
