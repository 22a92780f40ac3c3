using Appliance.Client.Keys;
using Appliance.Crypto.Formats;
using Appliance.Crypto.SignIn;

namespace Appliance.Client.Tests.Keys;

public sealed class SignInTests
{
    private static readonly AccountId Account = new(ObjectId.New());
    private static readonly SlotId Slot = new(ObjectId.New());
    private static readonly byte[] Salt = PasswordKeys.NewSalt();

    [Fact]
    public void The_right_password_proves_both_sides()
    {
        using var keys = Derive("correct horse");
        var server = SrpServer.Start(SrpClient.MakeVerifier(keys));
        var client = new SrpClient(keys);

        Assert.True(server.TryVerify(client.PublicValue, client.Answer(server.PublicValue), out var proof));
        Assert.True(client.IsServerProved(proof));
        Assert.False(client.IsServerProved("1"));
    }

    [Fact]
    public void A_wrong_password_is_refused()
    {
        using var right = Derive("correct horse");
        using var wrong = Derive("correct house");
        var server = SrpServer.Start(SrpClient.MakeVerifier(right));
        var client = new SrpClient(wrong);

        Assert.False(server.TryVerify(client.PublicValue, client.Answer(server.PublicValue), out _));
    }

    [Fact]
    public void A_challenge_is_good_for_one_finish()
    {
        using var keys = Derive("correct horse");
        var server = SrpServer.Start(SrpClient.MakeVerifier(keys));
        var client = new SrpClient(keys);
        var proof = client.Answer(server.PublicValue);

        Assert.False(server.TryVerify(client.PublicValue, "1", out _));
        Assert.False(server.TryVerify(client.PublicValue, proof, out _));
    }

    [Fact]
    public void A_slot_opens_with_its_own_password_only()
    {
        using var master = MasterKey.Generate();
        using var right = Derive("Zürich");
        using var wrong = Derive("Zurich");
        var wrap = KeySlot.Wrap(master, KeySlotKind.Password, right);

        Assert.Equal(KeySlot.WrapLength, wrap.Length);
        Assert.Null(KeySlot.Unwrap(wrap, KeySlotKind.Password, wrong));
        Assert.Null(KeySlot.Unwrap(wrap, KeySlotKind.Phrase, right));
        using var opened = KeySlot.Unwrap(wrap, KeySlotKind.Password, right);
        Assert.Equal(master.Bytes, opened!.Bytes);
    }

    [Fact]
    public void Weak_parameters_are_refused_before_any_work()
    {
        Assert.Throws<FormatException>(() => PasswordKeys.Derive("p", Account, Slot, new KdfParameters(8, 3, 1), Salt));
        Assert.Throws<FormatException>(() => PasswordKeys.Derive("p", Account, Slot, new KdfParameters(65_536, 1, 1), Salt));
        Assert.Throws<FormatException>(() => PasswordKeys.Derive("p", Account, Slot, KdfParameters.Default, new byte[8]));
    }

    [Fact]
    public void A_new_phrase_is_read_back()
    {
        var phrase = RecoveryPhrase.Generate();

        Assert.Equal(RecoveryPhrase.WordCount, phrase.Split(' ').Length);
        Assert.Equal(phrase, RecoveryPhrase.Normalise(phrase));
        Assert.NotEqual(phrase, RecoveryPhrase.Generate());
    }

    private static PasswordKeys Derive(string secret) => PasswordKeys.Derive(secret, Account, Slot, KdfParameters.Default, Salt);
}
