using System.Security.Cryptography;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;
using CsCheck;

namespace Appliance.Crypto.Tests.Sealing;

public sealed class ErasureKeyTests
{
    private readonly MessageId _message = new(ObjectId.New());
    private readonly MailboxId _mailbox = new(ObjectId.New());

    [Fact]
    public void Unwraps_what_it_wrapped() => Gen.Byte.Array[0, 600].Sample(packet =>
    {
        var key = ErasureKey.New();
        Assert.Equal(packet, ErasureKey.Unwrap(key, ErasureKey.Wrap(key, packet, _message, _mailbox), _message, _mailbox));
    });

    [Fact]
    public void Is_bound_to_message_and_mailbox()
    {
        var key = ErasureKey.New();
        var wrapped = ErasureKey.Wrap(key, "packet"u8, _message, _mailbox);

        Assert.Throws<AuthenticationTagMismatchException>(() => ErasureKey.Unwrap(key, wrapped, new MessageId(ObjectId.New()), _mailbox));
        Assert.Throws<AuthenticationTagMismatchException>(() => ErasureKey.Unwrap(key, wrapped, _message, new MailboxId(ObjectId.New())));
        Assert.Throws<AuthenticationTagMismatchException>(() => ErasureKey.Unwrap(ErasureKey.New(), wrapped, _message, _mailbox));
    }

    [Fact]
    public void Notices_every_flipped_bit()
    {
        var key = ErasureKey.New();
        var wrapped = ErasureKey.Wrap(key, "packet"u8, _message, _mailbox);
        for (var bit = 0; bit < wrapped.Length * 8; bit++)
        {
            wrapped[bit / 8] ^= (byte)(1 << (bit % 8));
            if (bit < 8)
                Assert.Throws<FormatException>(() => ErasureKey.Unwrap(key, wrapped, _message, _mailbox));
            else
                Assert.Throws<AuthenticationTagMismatchException>(() => ErasureKey.Unwrap(key, wrapped, _message, _mailbox));
            wrapped[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }
}
