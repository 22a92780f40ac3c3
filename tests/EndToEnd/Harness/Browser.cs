using System.Collections.Concurrent;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Appliance.EndToEnd.Harness;

/// <summary>
/// Chromium with a fresh profile and one page. It writes down every request and everything the console complains
/// about: an error there, a violation of the content security policy among them, fails the test that asks
/// <see cref="AssertQuiet"/>.
/// </summary>
public sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _chromium;
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = [];
    private readonly ConcurrentQueue<string> _requests = [];

    private Browser(IPlaywright playwright, IBrowser chromium, IBrowserContext context, IPage page)
    {
        (_playwright, _chromium, _context, Page) = (playwright, chromium, context, page);
        context.Request += (_, request) => _requests.Enqueue(request.Url);
        context.WebError += (_, error) => _complaints.Enqueue(error.Error);
        context.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !IsExpected(message))
                _complaints.Enqueue($"{message.Type}: {message.Text} ({message.Location})");
        };
    }

    public IPage Page { get; }

    public IBrowserContext Context => _context;

    /// <summary>Every address the page, its frames and workers asked for.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>Parts of console messages a test provokes on purpose, such as the 401 of a wrong password.</summary>
    public HashSet<string> Expected { get; } = [];

    /// <param name="hosts">Chromium's host resolver rules, such as <c>MAP mail.home.example 127.0.0.1</c>.</param>
    public static async Task<Browser> OpenAsync(Uri web, string locale = "en-GB", ColorScheme scheme = ColorScheme.Light, string? hosts = null)
    {
        var program = Peer.Need("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome");
        var playwright = await Playwright.CreateAsync();
        var chromium = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = hosts is null ? Flags : [.. Flags, "--host-resolver-rules=" + hosts] });
        var context = await chromium.NewContextAsync(new()
        {
            BaseURL = web.ToString(),
            Locale = locale,
            ColorScheme = scheme,
            ViewportSize = new() { Width = 1280, Height = 800 },
            ReducedMotion = ReducedMotion.Reduce,
            TimezoneId = "UTC",
        });
        context.SetDefaultTimeout(30_000);
        return new Browser(playwright, chromium, context, await context.NewPageAsync());
    }

    /// <summary>No console error, no uncaught exception, no policy violation so far.</summary>
    public void AssertQuiet() => AssertNone(_complaints);

    /// <summary>Nothing was asked of anyone but <paramref name="web"/>.</summary>
    public void AssertOnlyAsked(Uri web) =>
        Assert.DoesNotContain(_requests, url => !url.StartsWith(web.ToString(), StringComparison.Ordinal)
            && !url.StartsWith("blob:", StringComparison.Ordinal)
            && !url.StartsWith("data:", StringComparison.Ordinal)
            && !url.StartsWith("about:", StringComparison.Ordinal));

    /// <summary>No serious or critical violation of WCAG 2.2 AA on what is shown.</summary>
    public async Task AssertAccessibleAsync()
    {
        var result = await Page.RunAxe(new AxeRunOptions
        {
            // The frame around formatted mail runs no script, axe's neither.
            Iframes = false,
            RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] },
        });
        AssertNone(
            from violation in result.Violations
            where violation.Impact is "serious" or "critical"
            from node in violation.Nodes
            select $"{violation.Id}: {violation.Help}: {node.Html} {string.Concat(node.Any.Select(check => check.Message))}");
    }

    /// <summary>Keeps a picture for README when UPDATE_SCREENSHOTS=1 asks for new ones.</summary>
    public async Task PictureAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("UPDATE_SCREENSHOTS") != "1")
            return;
        await Page.ScreenshotAsync(new() { Path = Path.Combine(SourceTree.Root, "docs", "images", name + ".png"), Animations = ScreenshotAnimations.Disabled });
    }

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        await _chromium.DisposeAsync();
        _playwright.Dispose();
    }

    // Assert.Empty cuts what it shows.
    private static void AssertNone(IEnumerable<string> complaints)
    {
        var all = string.Join('\n', complaints);
        Assert.True(all.Length == 0, all);
    }

    private bool IsExpected(IConsoleMessage message) => Expected.Any(part => message.Text.Contains(part, StringComparison.Ordinal));
}
