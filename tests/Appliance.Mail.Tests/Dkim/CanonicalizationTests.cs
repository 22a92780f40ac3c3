using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Appliance.Mail.Dkim;
using CsCheck;

namespace Appliance.Mail.Tests.Dkim;

public sealed partial class CanonicalizationTests
{
    private static readonly Gen<string> Bodies = Gen.OneOf(Gen.Const("\r\n"), Gen.Const("\r\n"), Gen.Const(" "), Gen.Const("\t"), Gen.Const("a"), Gen.Const("word"), Gen.Const("\r"), Gen.Const("\n"), Gen.Const("="))
        .List[0, 40].Select(pieces => string.Concat(pieces));

    [Theory]
    // RFC 6376 §3.4.5
    [InlineData("\r\n C \r\nD \t E\r\n\r\n\r\n", "\r\n C \r\nD \t E\r\n", "\r\n C\r\nD E\r\n")]
    [InlineData("", "\r\n", "")]
    [InlineData("\r\n\r\n", "\r\n", "")]
    [InlineData(" \t\r\n \r\n", " \t\r\n \r\n", "")]
    [InlineData("no line end", "no line end\r\n", "no line end\r\n")]
    [InlineData("a\r\n\r\nb", "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n")]
    public void A_body_is_signed_in_the_forms_of_RFC_6376(string body, string simple, string relaxed)
    {
        Assert.Equal(Hash(simple), HashOf(body, Canonicalization.Simple));
        Assert.Equal(Hash(relaxed), HashOf(body, Canonicalization.Relaxed));
    }

    [Fact]
    public void Any_body_has_the_form_that_the_text_of_RFC_6376_describes()
    {
        Bodies.Sample(body =>
        {
            Assert.Equal(Hash(AsWritten(body, Canonicalization.Simple)), HashOf(body, Canonicalization.Simple));
            Assert.Equal(Hash(AsWritten(body, Canonicalization.Relaxed)), HashOf(body, Canonicalization.Relaxed));
        });
    }

    [Fact]
    public void A_long_body_has_it_too()
    {
        var body = string.Concat(Enumerable.Range(0, 5_000).Select(i => $"line {i}{new string(' ', i % 3)}\r\n{new string('x', i % 500 == 0 ? 20_000 : 0)}"));
        Assert.Equal(Hash(AsWritten(body, Canonicalization.Simple)), HashOf(body, Canonicalization.Simple));
        Assert.Equal(Hash(AsWritten(body, Canonicalization.Relaxed)), HashOf(body, Canonicalization.Relaxed));
    }

    [Fact]
    public void A_body_in_pieces_has_the_hash_of_the_whole()
    {
        Gen.Select(Bodies, Gen.Int[0, 60].List[0, 8]).Sample((body, places) =>
        {
            var bytes = Encoding.ASCII.GetBytes(body + "x");
            foreach (var form in (Canonicalization[])[Canonicalization.Simple, Canonicalization.Relaxed])
                Assert.Equal(BodyHash.Of(new ReadOnlySequence<byte>(bytes), form).Hash, BodyHash.Of(Messages.Cut(bytes, places), form).Hash);
        });
    }

    [Theory]
    // RFC 6376 §3.4.5
    [InlineData("A: X\r\n", "a:X\r\n")]
    [InlineData("B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n")]
    [InlineData("SUBJect:\r\n", "subject:\r\n")]
    [InlineData("Subject: \r\n  late\r\n", "subject:late\r\n")]
    public void A_field_is_signed_in_the_relaxed_form_of_RFC_6376(string field, string expected)
    {
        var written = new ArrayBufferWriter<byte>();
        CanonicalHeader.Write(written, Encoding.ASCII.GetBytes(field), Canonicalization.Relaxed);
        Assert.Equal(expected, Encoding.ASCII.GetString(written.WrittenSpan));
    }

    [Theory]
    [InlineData("DKIM-Signature: a=x; b=sig;  c=y\r\n", "DKIM-Signature: a=x; b=;  c=y")]
    [InlineData("DKIM-Signature: a=x; b = \r\n si\r\n g\r\n", "DKIM-Signature: a=x; b =")]
    [InlineData("DKIM-Signature: bh=b=; ab=b=z; b=sig", "DKIM-Signature: bh=b=; ab=b=z; b=")]
    [InlineData("DKIM-Signature: b=sig;\r\n", "DKIM-Signature: b=;")]
    public void A_signature_covers_its_own_field_without_itself(string field, string expected)
    {
        var written = new ArrayBufferWriter<byte>();
        CanonicalHeader.WriteSigning(written, Encoding.ASCII.GetBytes(field), Canonicalization.Simple);
        Assert.Equal(expected, Encoding.ASCII.GetString(written.WrittenSpan));
    }

    /// <summary>§3.4.3 and §3.4.4 as they are written, step after step.</summary>
    private static string AsWritten(string body, Canonicalization form)
    {
        if (form == Canonicalization.Relaxed)
        {
            body = WhiteSpaceAtLineEnd().Replace(body, "");
            body = WhiteSpace().Replace(body, " ");
        }
        body = EmptyLinesAtEnd().Replace(body, "");
        if (form == Canonicalization.Simple)
            return body + "\r\n";
        return body.Length == 0 ? "" : body + "\r\n";
    }

    private static byte[] HashOf(string body, Canonicalization form) => BodyHash.Of(new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(body)), form).Hash;

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.ASCII.GetBytes(text));

    [GeneratedRegex(@"[ \t]+(?=\r\n|\z)")]
    private static partial Regex WhiteSpaceAtLineEnd();

    [GeneratedRegex(@"[ \t]+")]
    private static partial Regex WhiteSpace();

    [GeneratedRegex(@"(\r\n)+\z")]
    private static partial Regex EmptyLinesAtEnd();
}
