using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Canary;

public sealed class OpenedFilesTests
{
    [Theory]
    [InlineData("""7 openat(AT_FDCWD</home>, "a", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3</home/a>""", "/home/a")]
    [InlineData("""7 openat(AT_FDCWD</home>, "/x/b", O_RDWR|O_CLOEXEC) = 3</x/b>""", "/x/b")]
    [InlineData("""7 open("/x/c", O_RDONLY|O_CREAT, 0600) = 4""", "/x/c")]
    [InlineData("""7 openat(AT_FDCWD</home>, "/tmp", O_RDWR|O_TMPFILE, 0600) = 5</tmp/#42 (deleted)>""", "/tmp/#42 (deleted)")]
    [InlineData("""7 creat("/x/d\303\274", 0600) = 4""", "/x/dü")]
    [InlineData("""7 renameat2(AT_FDCWD</home>, "a", AT_FDCWD</home>, "/x/b", RENAME_NOREPLACE) = 0""", "/home/a", "/x/b")]
    [InlineData("""7 rename("/a", "/b \"c\"") = 0""", "/a", "/b \"c\"")]
    [InlineData("""7 linkat(5</dir>, "a", AT_FDCWD</home>, "b", 0) = 0""", "/dir/a", "/home/b")]
    [InlineData("""7 symlink("/etc/passwd", "/x/link") = 0""", "/x/link")]
    [InlineData("""7 openat2(AT_FDCWD</home>, "/x/e", {flags=O_WRONLY|O_CREAT, mode=0600, resolve=0}, 24) = 4</x/e>""", "/x/e")]
    [InlineData("""7 openat(AT_FDCWD</home>, "/x/O_WRONLY|O_CREAT", O_RDONLY) = 3</x/O_WRONLY|O_CREAT>""")]
    [InlineData("""7 openat(AT_FDCWD</home>, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3</etc/passwd>""")]
    [InlineData("""7 openat(AT_FDCWD</home>, "/etc/shadow", O_WRONLY) = -1 EACCES (Permission denied)""")]
    [InlineData("""7 +++ exited with 0 +++""")]
    [InlineData("""7 --- SIGCHLD {si_signo=SIGCHLD} ---""")]
    public void Reads_a_line(string line, params string[] paths) => Assert.Equal(paths, OpenedFiles.Of(Strace.Parse([line])).Select(file => file.Path));

    [Fact]
    public void Joins_a_call_that_was_interrupted() => Assert.Equal(
        [new OpenedFile(7, "openat", "/a"), new OpenedFile(8, "openat", "/b")],
        OpenedFiles.Of(Strace.Parse(
        [
            """7  openat(AT_FDCWD</>, "/a", O_WRONLY <unfinished ...>""",
            """8  openat(AT_FDCWD</>, "/b", O_WRONLY <unfinished ...>""",
            """7  <... openat resumed>) = 3</a>""",
            """8  <... openat resumed>)         = 3</b>""",
        ])));

    [Fact]
    public async Task Sees_what_a_process_and_its_children_write()
    {
        var strace = Peer.Need("strace");
        var folder = Directory.CreateTempSubdirectory("opened-").FullName;
        try
        {
            var record = Path.Combine(folder, "strace");
            string[] line =
            [
                .. OpenedFiles.StraceTo(record, strace), "/bin/sh", "-c",
                $"echo $$; cat /etc/hostname > /dev/null; echo x > '{folder}/Größe'; mv '{folder}/Größe' {folder}/b; (echo y > {folder}/c; rm {folder}/c) & wait",
            ];
            var result = (await new Command(line[0], line[1..]).RunAsync()).Succeeded();
            var shell = int.Parse(result.Text.Trim(), System.Globalization.CultureInfo.InvariantCulture);
            await Until.TrueAsync(() => Strace.IsComplete(record, shell), TimeSpan.FromSeconds(10), () => "strace did not end its record.");

            var paths = OpenedFiles.Read(record).Select(file => file.Path).ToHashSet();
            Assert.Superset(new HashSet<string> { $"{folder}/Größe", $"{folder}/b", $"{folder}/c", "/dev/null" }, paths);
            Assert.DoesNotContain("/etc/hostname", paths);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
