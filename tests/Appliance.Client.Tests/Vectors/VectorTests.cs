using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Appliance.Client.Keys;
using Appliance.Client.Opening;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;
using Appliance.Crypto.SignIn;
using Org.BouncyCastle.Math;

namespace Appliance.Client.Tests.Vectors;

/// <summary>The contract with the web client: what is in <c>tests/vectors</c> is what both programs read and write.</summary>
public sealed class VectorTests
{
    [Fact]
    public void Ids()
    {
        var vectors = VectorFiles.Read<IdVectors>("ids");
        foreach (var (bytes, text) in vectors.Good)
        {
            Assert.Equal(text, ObjectId.FromBytes(Bytes(bytes)).ToString());
            Assert.True(ObjectId.TryParse(text, out var id));
            Assert.Equal(Bytes(bytes), id.ToBytes());
        }
        Assert.All(vectors.Refused, text => Assert.False(ObjectId.TryParse(text, out _)));
    }

    [Fact]
    public void Password_to_keys()
    {
        var vectors = VectorFiles.Read<KdfVectors>("kdf");
        foreach (var vector in vectors.Good)
        {
            var parameters = new KdfParameters(vector.MemoryKiB, vector.Passes, vector.Lanes);
            using var keys = PasswordKeys.Derive(vector.Secret, Account(vector.AccountId), Slot(vector.SlotId), parameters, Bytes(vector.Salt));
            Assert.Equal(vector.Parameters, Convert.ToHexStringLower(parameters.ToBytes()));
            Assert.Equal(vector.SrpKey, Convert.ToHexStringLower(keys.Srp));
            Assert.Equal(vector.WrapKey, Convert.ToHexStringLower(keys.Wrap));
        }
        Assert.All(vectors.Refused, bad =>
            Assert.NotNull(KdfParameters.WhatIsWrongWith(bad.Name, bad.MemoryKiB, bad.Passes, bad.Lanes, Bytes(bad.Salt).Length)));
    }

    [Fact]
    public void Sign_in()
    {
        var vector = VectorFiles.Read<SrpVector>("srp");
        using var keys = PasswordKeys.Of(
            Account(vector.AccountId), default, KdfParameters.Default, Bytes(vector.Salt), Bytes(vector.SrpKey), new byte[32]);
        var client = new SrpClient(keys, new BigInteger(vector.ClientPrivate, 16));
        var verifier = SrpVerifier.Parse(vector.Verifier)!;
        var server = SrpServer.Start(verifier, new BigInteger(vector.ServerPrivate, 16));

        Assert.Equal(vector.Verifier, SrpClient.MakeVerifier(keys).ToString());
        Assert.Equal(vector.A, client.PublicValue);
        Assert.Equal(vector.B, server.PublicValue);
        Assert.Equal(vector.M1, client.Answer(vector.B));
        Assert.True(server.TryVerify(vector.A, vector.M1, out var proof));
        Assert.Equal(vector.M2, proof);
        Assert.True(client.IsServerProved(proof));
        Assert.All(vector.RefusedB, b => Assert.Throws<FormatException>(() => client.Answer(b)));
    }

    [Fact]
    public void Slots()
    {
        var vectors = VectorFiles.Read<SlotVectors>("slots");
        foreach (var vector in vectors.Password)
        {
            using var keys = WrapKeys(vector.AccountId, vector.SlotId, vector.WrapKey);
            using var master = KeySlot.Unwrap(Bytes(vector.Wrap), (KeySlotKind)vector.Kind, keys)!;
            Assert.Equal(Bytes(vector.MasterKey), master.Bytes);
            Assert.Equal(Bytes(vector.Wrap), KeySlot.Wrap(master, (KeySlotKind)vector.Kind, keys, Bytes(vector.Nonce)));
        }
        var session = vectors.Session;
        var (local, server) = (Bytes(session.LocalHalf), Bytes(session.ServerHalf));
        using var unwrapped = KeySlot.UnwrapForSession(Bytes(session.Wrap), Account(session.AccountId), Slot(session.SlotId), local, server)!;
        Assert.Equal(Bytes(session.MasterKey), unwrapped.Bytes);
        Assert.Null(KeySlot.UnwrapForSession(Bytes(session.Wrap), Account(session.AccountId), Slot(session.SlotId), server, local));
    }

    [Fact]
    public void User_key_wrap()
    {
        var vector = VectorFiles.Read<PassphraseVector>("user-key-wrap");
        using var master = new MasterKey(Bytes(vector.MasterKey));
        Assert.Equal(vector.Passphrase, Passphrase.Unwrap(Bytes(vector.Wrap), master, Account(vector.AccountId), vector.Fingerprint));
        Assert.Equal(Bytes(vector.Wrap), Passphrase.Wrap(vector.Passphrase, master, Account(vector.AccountId), vector.Fingerprint, Bytes(vector.Nonce)));
    }

    [Fact]
    public void Phrases()
    {
        var vectors = VectorFiles.Read<PhraseVectors>("phrase");
        // Two that BIP 39 itself publishes.
        Assert.Equal("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about", vectors.Good[0].Phrase);
        Assert.Equal("legal winner thank year wave sausage worth useful legal winner thank yellow", vectors.Good[1].Phrase);
        foreach (var (entropy, phrase) in vectors.Good)
        {
            Assert.Equal(phrase, RecoveryPhrase.FromEntropy(Bytes(entropy)));
            Assert.Equal(phrase, RecoveryPhrase.Normalise($"  {phrase.ToUpperInvariant().Replace(" ", "\n ", StringComparison.Ordinal)} "));
        }
        Assert.All(vectors.Refused, phrase => Assert.Null(RecoveryPhrase.Normalise(phrase)));
    }

    [Fact]
    public void Parts()
    {
        foreach (var vector in VectorFiles.Read<List<PartVector>>("parts"))
        {
            using var key = new SessionKey(Bytes(vector.SessionKey));
            using var sessionKey = new BodySessionKey(Bytes(vector.SessionKey));
            var plaintext = new ReadOnlySequence<byte>(Bytes(vector.Plaintext));
            Assert.Equal(Bytes(vector.Sealed), sessionKey.Seal(Name(vector.Name), plaintext, Bytes(vector.RandomBlock)));
            Assert.Equal(Bytes(vector.Plaintext), PartOpener.Open(key, Name(vector.Name), Bytes(vector.Sealed)));
        }
    }

    [Fact]
    public void Key_packets_under_the_erasure_key()
    {
        var vector = VectorFiles.Read<KeyPacketVector>("key-packet-wrap");
        Assert.True(ObjectId.TryParse(vector.MessageId, out var message) && ObjectId.TryParse(vector.MailboxId, out _));
        Assert.True(ObjectId.TryParse(vector.MailboxId, out var mailbox));
        var opened = ErasureKey.Unwrap(Bytes(vector.ErasureKey), Bytes(vector.Wrapped), new MessageId(message), new MailboxId(mailbox));
        Assert.Equal(Bytes(vector.Packet), opened);
        Assert.ThrowsAny<CryptographicException>(
            () => ErasureKey.Unwrap(Bytes(vector.ErasureKey), Bytes(vector.Wrapped), new MessageId(mailbox), new MailboxId(mailbox)));
    }

    [Fact]
    public void An_account_opens_from_its_master_key()
    {
        var vector = VectorFiles.Read<AccountVector>("account");
        Assert.True(ObjectId.TryParse(vector.MailboxId, out var mailbox));
        using var master = new MasterKey(Bytes(vector.MasterKey));
        var account = UnlockedAccount.Unlock(
            master, Account(vector.AccountId), vector.UserKeyFingerprint, Bytes(vector.UserKey), Bytes(vector.UserKeyWrap));
        Assert.Equal(vector.AddressKeyFingerprint, account.UnlockAddressKey(Bytes(vector.AddressKey), Bytes(vector.AddressKeyPassphrase)).Fingerprint);
        Assert.Equal(Bytes(vector.OpenedMailboxKey), account.OpenMailboxKey(new MailboxId(mailbox), Bytes(vector.MailboxKey)));
    }

    [Fact]
    public void Messages()
    {
        var vectors = VectorFiles.Read<MessageVectors>("messages");
        var key = UnlockedKey.Unlock(Encoding.ASCII.GetBytes(vectors.ArmoredPrivateKey), vectors.Passphrase);
        Assert.Equal(vectors.Fingerprint, key.Fingerprint);
        foreach (var message in vectors.Messages)
        {
            var packets = message.KeyPackets
                .Select(packet => new KeyPacket(Enum.Parse<KeyPacketOpens>(packet.Opens, ignoreCase: true), packet.Type, packet.Suite, Bytes(packet.Packet)))
                .ToList();
            using var body = OpenedBody.Open(key, packets, Bytes(message.Summary));
            var segments = message.Segments.Select((segment, index) => body.OpenSegment(index, Bytes(segment))).ToList();
            var remaining = segments.Skip(1).SelectMany(segment => segment).ToArray();

            Assert.Equal(message.OpenedSummary, Encoding.UTF8.GetString(body.Summary.ToJson()));
            Assert.Equal(message.OpenedSlip, Encoding.UTF8.GetString(body.OpenSlip(Bytes(message.Slip)).ToJson()));
            Assert.Equal(Bytes(message.OpenedTrace), segments[0]);
            Assert.Equal(Bytes(message.OpenedMessage), remaining);
            Assert.Equal(Bytes(message.Received), ReceivedMessage.Rebuild(remaining, body.Summary.Removed));
        }
    }

    [Fact]
    public void Whatever_is_wrong_is_refused()
    {
        var vectors = VectorFiles.Read<RefusedVectors>("refused");
        foreach (var part in vectors.Parts)
        {
            using var key = new SessionKey(Bytes(part.SessionKey));
            Assert.Throws<SealBrokenException>(() => PartOpener.Open(key, Name(part.Name), Bytes(part.Sealed)));
        }
        foreach (var slot in vectors.Slots)
        {
            using var keys = WrapKeys(slot.AccountId, slot.SlotId, slot.WrapKey, Bytes(slot.Parameters));
            Assert.True(IsRefused(() => KeySlot.Unwrap(Bytes(slot.Wrap), (KeySlotKind)slot.Kind, keys)), slot.Why);
        }
        foreach (var json in vectors.Json)
        {
            Assert.Throws<FormatException>(() => _ = json.Kind == "summary"
                ? Summary.FromJson(Encoding.UTF8.GetBytes(json.Text)).ToString()
                : Slip.FromJson(Encoding.UTF8.GetBytes(json.Text)).ToString());
        }
        foreach (var segment in vectors.Segments)
        {
            var entry = new ManifestEntry(segment.Index, 0, segment.ManifestLength, Bytes(segment.ManifestSha256), []);
            using var body = OpenedBody.Of(new SessionKey(Bytes(segment.SessionKey)), Opening.Samples.Summary with { Manifest = [entry] });
            Assert.Throws<SealBrokenException>(() => body.OpenSegment(segment.Index, Bytes(segment.Sealed)));
        }
    }

    private static bool IsRefused(Func<MasterKey?> unwrap)
    {
        try
        {
            return unwrap() is null;
        }
        catch (FormatException)
        {
            return true;
        }
    }

    private static PasswordKeys WrapKeys(string account, string slot, string wrapKey, byte[]? parameters = null)
    {
        var memory = parameters is null ? KdfParameters.LeastMemoryKiB : System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(parameters.AsSpan(1));
        return PasswordKeys.Of(Account(account), Slot(slot), new KdfParameters(memory, 3, 1), new byte[16], new byte[32], Bytes(wrapKey));
    }

    private static PartName Name(string text) => text switch
    {
        "summary" => PartName.Summary,
        "slip" => PartName.Slip,
        _ => PartName.Segment(int.Parse(text.AsSpan("seg/".Length), System.Globalization.CultureInfo.InvariantCulture)),
    };

    private static AccountId Account(string text) => ObjectId.TryParse(text, out var id) ? new AccountId(id) : throw new FormatException(text);

    private static SlotId Slot(string text) => ObjectId.TryParse(text, out var id) ? new SlotId(id) : throw new FormatException(text);

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex);
}
