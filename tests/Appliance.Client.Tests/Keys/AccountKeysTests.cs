using Appliance.Client.Export;
using Appliance.Client.Keys;
using Appliance.Client.Opening;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Keys;

namespace Appliance.Client.Tests.Keys;

public sealed class AccountKeysTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);
    private readonly AccountId _account = new(ObjectId.New());
    private readonly MailboxId _mailbox = new(ObjectId.New());

    [Fact]
    public void Everything_opens_from_the_master_key()
    {
        using var master = MasterKey.Generate();
        var keys = NewAccountKeys.Make(master, _account, _mailbox, "ann@example.org", Now);

        var account = UnlockedAccount.Unlock(master, _account, keys.UserKey.Fingerprint, keys.UserKey.PrivateKey, keys.UserKeyWrap);
        var address = account.UnlockAddressKey(keys.AddressKey.PrivateKey, keys.AddressKeyPassphrase);

        Assert.Equal(keys.UserKey.Fingerprint, account.Fingerprint);
        Assert.Equal(keys.AddressKey.Fingerprint, address.Fingerprint);
        Assert.Equal(32, account.OpenMailboxKey(_mailbox, keys.MailboxKey).Length);
        Assert.Equal(93, keys.UserKeyWrap.Length);
    }

    [Fact]
    public void Another_master_key_opens_nothing()
    {
        using var master = MasterKey.Generate();
        using var other = MasterKey.Generate();
        var keys = NewAccountKeys.Make(master, _account, _mailbox, "ann@example.org", Now);

        Assert.Throws<FormatException>(
            () => UnlockedAccount.Unlock(other, _account, keys.UserKey.Fingerprint, keys.UserKey.PrivateKey, keys.UserKeyWrap));
    }

    [Fact]
    public void Refuses_the_key_of_another_mailbox()
    {
        using var master = MasterKey.Generate();
        var keys = NewAccountKeys.Make(master, _account, _mailbox, "ann@example.org", Now);
        var account = UnlockedAccount.Unlock(master, _account, keys.UserKey.Fingerprint, keys.UserKey.PrivateKey, keys.UserKeyWrap);

        Assert.Throws<FormatException>(() => account.OpenMailboxKey(new MailboxId(ObjectId.New()), keys.MailboxKey));
    }

    [Fact]
    public void Refuses_a_passphrase_that_somebody_else_sealed()
    {
        using var master = MasterKey.Generate();
        var mine = NewAccountKeys.Make(master, _account, _mailbox, "ann@example.org", Now);
        var other = NewAccountKeys.Make(master, _account, _mailbox, "bob@example.org", Now);
        var account = UnlockedAccount.Unlock(master, _account, mine.UserKey.Fingerprint, mine.UserKey.PrivateKey, mine.UserKeyWrap);

        Assert.Throws<SealBrokenException>(() => account.UnlockAddressKey(other.AddressKey.PrivateKey, other.AddressKeyPassphrase));
    }

    [Theory]
    [InlineData("")]
    [InlineData("c506000000000016")] // a key packet of version 0
    [InlineData("980d53fb")] // a public key, cut short
    [InlineData("b40161")] // a user id alone
    public void What_is_no_private_key_is_refused_as_such(string bytes)
    {
        Assert.Throws<FormatException>(() => UnlockedKey.Unlock(Convert.FromHexString(bytes), ""));
        Assert.Throws<FormatException>(() => ExportedKey.Relock(Convert.FromHexString(bytes), "", ""));
    }

    [Fact]
    public void A_flipped_bit_in_a_sealed_secret_never_gives_another_secret()
    {
        var passphrase = Passphrase.Generate();
        var key = LockedKey.Generate("<ann@example.org>", passphrase, Now);
        var unlocked = UnlockedKey.Unlock(key.PrivateKey, passphrase);
        var message = unlocked.SealToSelf("secret"u8, Now);
        var refused = 0;

        for (var i = 0; i < message.Length; i++)
        {
            var changed = (byte[])message.Clone();
            changed[i] ^= 1;
            try
            {
                Assert.Equal("secret"u8, unlocked.OpenOwn(changed));
            }
            catch (SealBrokenException)
            {
                refused++;
            }
        }
        // The lengths that BouncyCastle does not insist on may change unnoticed; what they frame may not.
        Assert.InRange(refused, message.Length - 4, message.Length);
        Assert.Equal("secret"u8, unlocked.OpenOwn(message));
    }

    [Fact]
    public void A_made_key_may_be_sealed_to()
    {
        var key = LockedKey.Generate("<ann@example.org>", Passphrase.Generate(), Now);

        var reading = RecipientKey.Read(key.PublicKey, Now);

        Assert.Equal(KeyFault.None, reading.Fault);
        Assert.Equal(key.Fingerprint, reading.Key!.Fingerprint);
        Assert.Equal("v4-ecdh-aes256", reading.Key.Suite);
        Assert.Equal(["<ann@example.org>"], reading.Key.UserIds);
    }

    [Fact]
    public void Another_passphrase_does_not_unlock_a_key()
    {
        var key = LockedKey.Generate("<ann@example.org>", Passphrase.Generate(), Now);

        Assert.Throws<FormatException>(() => UnlockedKey.Unlock(key.PrivateKey, Passphrase.Generate()));
    }
}
