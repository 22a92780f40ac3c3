using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Appliance.EndToEnd.Harness;
using Appliance.EndToEnd.Traffic;

namespace Appliance.EndToEnd.FirstLight;

/// <summary>What was sent is what members read: byte for byte, each message once, with our bridge and with other people's OpenPGP.</summary>
[Collection(typeof(AfterFirstLight))]
public sealed class MailComesBack(FirstLightRun run)
{
    public static TheoryData<string> Members => [Household.AnnAddress, Household.BenAddress];

    [Fact]
    public void Two_hundred_different_messages_were_sent_some_to_both()
    {
        Assert.True(run.Sent.Count >= 200);
        Assert.Equal(run.Sent.Count, run.Sent.Select(message => Hash(message.Bytes)).Distinct().Count());
        Assert.Contains(run.Sent, message => message.Recipients.Count == 2);
    }

    [Theory]
    [MemberData(nameof(Members))]
    public void Every_message_is_there_once_byte_for_byte(string member)
    {
        var export = Of(member);
        Assert.Equal(
            run.Sent.Where(message => message.Recipients.Contains(member)).Select(message => Hash(message.Bytes)).Order(),
            export.Listed.Where(message => message.Subject != FirstLightRun.SmtpSourceSubject).Select(message => Hash(export.AsReceived(message.Id))).Order());
    }

    [Fact]
    public void Chromium_shows_every_kind_of_message_and_saves_it_byte_for_byte()
    {
        Assert.True(run.Read.Count >= 20);
        Assert.All(run.Read, read => Assert.True(read.Original.AsSpan().EndsWith(read.Sent.Bytes), read.Sent.Name));
        foreach (var kind in new[] { "plain", "html", "eight-bit", "latin-1", "smtputf8", "quoted-printable", "encoded-words", "folded" })
        {
            var read = Assert.Single(run.Read, read => read.Sent.Kind == kind);
            Assert.Contains(read.Sent.Marks, mark => read.Shown.Contains(mark, StringComparison.Ordinal));
        }
        foreach (var (kind, text) in new[] { ("gb18030", "你好，这是一封信。"), ("iso-2022-jp", "お世話になっております。"), ("big5", "您好，這是一封信。"), ("euc-kr", "안녕하세요.") })
            Assert.Contains(text, Assert.Single(run.Read, read => read.Sent.Kind == kind).Shown, StringComparison.Ordinal);
    }

    // smtp-source makes its own header.
    [Fact]
    public void What_smtp_source_sent_is_there_too()
    {
        var body = Encoding.ASCII.GetBytes("\r\n\r\n" + Senders.SmtpSourceBody(FirstLightRun.SmtpSourceBytes));
        var listed = run.Ann.Listed.Where(message => message.Subject == FirstLightRun.SmtpSourceSubject).ToList();
        Assert.Equal(FirstLightRun.FromSmtpSource, listed.Count);
        Assert.All(listed, message => Assert.True(run.Ann.AsReceived(message.Id).AsSpan().EndsWith(body), message.Id));
    }

    [Theory]
    [MemberData(nameof(Members))]
    public void The_full_form_is_our_trace_fields_and_then_the_message(string member)
    {
        var export = Of(member);
        Assert.All(export.Listed, message =>
        {
            var (full, received) = (export.Full(message.Id), export.AsReceived(message.Id));
            Assert.True(full.AsSpan().EndsWith(received), message.Id);
            var trace = Encoding.UTF8.GetString(full.AsSpan(0, full.Length - received.Length));
            Assert.StartsWith("Return-Path: ", trace, StringComparison.Ordinal);
            Assert.Contains("\r\nReceived: from ", trace, StringComparison.Ordinal);
            Assert.EndsWith("\r\n", trace, StringComparison.Ordinal);
        });
    }

    [Theory]
    [MemberData(nameof(Members))]
    public async Task GnuPG_opens_every_sealed_part(string member)
    {
        var export = Of(member);
        await using var gpg = await GnuPg.WithKeyAsync(export.ArmoredKey, MemberExport.KeyPassphrase);
        await gpg.DecryptFilesAsync(export.SealedFiles);
        Assert.All(export.Listed, message =>
        {
            using var summary = JsonDocument.Parse(File.ReadAllBytes(Plain(export.SummaryFile(message.Id))));
            Assert.Equal(export.AsReceived(message.Id).Length, summary.RootElement.GetProperty("size").GetInt64());
            byte[] segments = [.. export.SegmentFiles(message.Id).SelectMany(file => File.ReadAllBytes(Plain(file)))];
            Assert.Equal(Hash(export.Full(message.Id)), Hash(segments));
        });
    }

    [Fact]
    public async Task Sequoia_opens_every_sealed_part()
    {
        using var sqop = new Sqop(run.Ben.ArmoredKey, MemberExport.KeyPassphrase);
        await Parallel.ForEachAsync(run.Ben.Listed, async (message, stop) =>
        {
            using var summary = JsonDocument.Parse(await sqop.DecryptAsync(await File.ReadAllBytesAsync(run.Ben.SummaryFile(message.Id), stop)));
            Assert.Equal(run.Ben.AsReceived(message.Id).Length, summary.RootElement.GetProperty("size").GetInt64());
            using var segments = new MemoryStream();
            foreach (var file in run.Ben.SegmentFiles(message.Id))
                segments.Write(await sqop.DecryptAsync(await File.ReadAllBytesAsync(file, stop)));
            Assert.Equal(Hash(run.Ben.Full(message.Id)), Hash(segments.ToArray()));
        });
    }

    private MemberExport Of(string member) => member == Household.AnnAddress ? run.Ann : run.Ben;

    private static string Plain(string sealedFile) => Path.ChangeExtension(sealedFile, null);

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
