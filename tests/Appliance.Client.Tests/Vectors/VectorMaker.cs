using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Appliance.Client.Keys;
using Appliance.Client.Tests.Opening;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Keys;
using Appliance.Crypto.Sealing;
using Appliance.Crypto.Tests.Sealing;
using Appliance.Crypto.SignIn;
using Org.BouncyCastle.Crypto.Agreement.Srp;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Math;

namespace Appliance.Client.Tests.Vectors;

/// <summary>
/// Writes <c>tests/vectors</c> anew, after a format changed on purpose: run this test project with
/// <c>-explicit only -class Appliance.Client.Tests.Vectors.VectorMaker</c>. Keys and messages are then new ones; the rest is the same each time.
/// </summary>
public sealed class VectorMaker
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);
    private static readonly AccountId Account = AccountId.From(ObjectId.FromBytes(Bytes(16, 0x10)));
    private static readonly SlotId Slot = SlotId.From(ObjectId.FromBytes(Bytes(16, 0x20)));
    private static readonly MailboxId Mailbox = MailboxId.From(ObjectId.FromBytes(Bytes(16, 0x30)));
    private static readonly byte[] Salt = Bytes(16, 0x40);
    private static readonly byte[] Nonce = Bytes(12, 0x50);

    [Fact(Explicit = true)]
    public void Writes_the_vectors()
    {
        Ids();
        Kdf();
        using var keys = PasswordKeys.Derive("correct horse battery staple", Account, Slot, KdfParameters.Default, Salt);
        Srp(keys);
        SlotsAndPassphrase(keys);
        Phrases();
        Parts();
        KeyPackets();
        AccountAndMessages();
        Refused(keys);
    }

    private static void Ids()
    {
        string[] bytes = [new('0', 32), new('f', 32), Hex(Bytes(16, 0x10)), "00000000000000000000000000000001"];
        VectorFiles.Write("ids", new IdVectors(
            [.. bytes.Select(hex => new IdVector(hex, ObjectId.FromBytes(Convert.FromHexString(hex)).ToString()))],
            ["", "aaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaab", "AAAAAAAAAAAAAAAAAAAAAAAAAA", "aaaaaaaaaaaaaaaaaaaaaaaa1a"]));
    }

    private static void Kdf()
    {
        string[] secrets = ["correct horse battery staple", "Zu\u0308rich \u212B 密码", RecoveryPhrase.FromEntropy(Bytes(16, 0x60))];
        VectorFiles.Write("kdf", new KdfVectors(
            [.. secrets.Select(Derive)],
            [
                new("too little memory", "argon2id", 65_535, 3, 1, Hex(Salt)),
                new("too few passes", "argon2id", 65_536, 2, 1, Hex(Salt)),
                new("more than one lane", "argon2id", 65_536, 3, 2, Hex(Salt)),
                new("no lane", "argon2id", 65_536, 3, 0, Hex(Salt)),
                new("unknown kdf", "scrypt", 65_536, 3, 1, Hex(Salt)),
                new("short salt", "argon2id", 65_536, 3, 1, Hex(Salt.AsSpan(..15))),
                new("long salt", "argon2id", 65_536, 3, 1, Hex([.. Salt, 0])),
                new("more memory than any device has to spare", "argon2id", 1_048_577, 3, 1, Hex(Salt)),
                new("too many passes", "argon2id", 65_536, 65, 1, Hex(Salt)),
            ]));

        static KdfVector Derive(string secret)
        {
            var cost = KdfParameters.Default;
            using var keys = PasswordKeys.Derive(secret, Account, Slot, cost, Salt);
            var root = PasswordKeys.Root(Encoding.UTF8.GetBytes(secret.Normalize(NormalizationForm.FormC)), cost, Salt);
            return new KdfVector(
                secret, Account.ToString(), Slot.ToString(), cost.MemoryKiB, cost.Passes, cost.Lanes, Hex(Salt),
                Hex(cost.ToBytes()), Hex(root), Hex(keys.Srp), Hex(keys.Wrap));
        }
    }

    private static void Srp(PasswordKeys keys)
    {
        var n = SrpNumbers.Group.N;
        var (a, b) = (new BigInteger(1, Bytes(32, 0x70)), new BigInteger(1, Bytes(32, 0x90)));
        var client = new SrpClient(keys, a);
        var verifier = SrpClient.MakeVerifier(keys);
        var server = SrpServer.Start(verifier, b);
        var m1 = client.Answer(server.PublicValue);
        Assert.True(server.TryVerify(client.PublicValue, m1, out var m2));
        var x = Srp6Utilities.CalculateX(new Sha256Digest(), n, Salt, Encoding.ASCII.GetBytes(Account.ToString()), keys.Srp);
        var (clientPublic, serverPublic) = (new BigInteger(client.PublicValue, 16), new BigInteger(server.PublicValue, 16));
        var u = Srp6Utilities.CalculateU(new Sha256Digest(), n, clientPublic, serverPublic);
        var secret = clientPublic.Multiply(verifier.Value.ModPow(u, n)).ModPow(b, n);
        VectorFiles.Write("srp", new SrpVector(
            Account.ToString(), Hex(Salt), Hex(keys.Srp), a.ToString(16), b.ToString(16), x.ToString(16), verifier.ToString(),
            client.PublicValue, server.PublicValue, u.ToString(16), secret.ToString(16), m1, m2, ["0", n.ToString(16), "", "xyz"]));
    }

    private static void SlotsAndPassphrase(PasswordKeys keys)
    {
        using var master = new MasterKey(Bytes(32, 0xA0));
        var (local, server) = (Bytes(32, 0xB0), Bytes(32, 0xC0));
        VectorFiles.Write("slots", new SlotVectors(
            [.. new[] { KeySlotKind.Password, KeySlotKind.Phrase }.Select(kind => PasswordSlot(kind, keys, master))],
            new SessionSlotVector(
                Account.ToString(), Slot.ToString(), Hex(local), Hex(server), Hex(master.Bytes), Hex(Nonce),
                Hex(KeySlot.WrapForSession(master, Account, Slot, local, server, Nonce)))));
        var fingerprint = Hex(Bytes(20, 0xD0));
        var passphrase = Hex(Bytes(32, 0xE0));
        VectorFiles.Write("user-key-wrap", new PassphraseVector(
            Account.ToString(), fingerprint, Hex(master.Bytes), passphrase, Hex(Nonce), Hex(Passphrase.Wrap(passphrase, master, Account, fingerprint, Nonce))));
    }

    private static PasswordSlotVector PasswordSlot(KeySlotKind kind, PasswordKeys keys, MasterKey master) => new(
        (byte)kind, Account.ToString(), Slot.ToString(), Hex(keys.Parameters.ToBytes()), Hex(keys.Wrap), Hex(master.Bytes), Hex(Nonce),
        Hex(KeySlot.Wrap(master, kind, keys, Nonce)));

    private static void Phrases()
    {
        byte[][] entropies = [new byte[16], [.. Enumerable.Repeat((byte)0x7f, 16)], [.. Enumerable.Repeat((byte)0xff, 16)], Bytes(16, 0x60)];
        VectorFiles.Write("phrase", new PhraseVectors(
            [.. entropies.Select(entropy => new PhraseVector(Hex(entropy), RecoveryPhrase.FromEntropy(entropy)))],
            [
                "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon",
                "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
                "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
                "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abot",
                "",
            ]));
    }

    private static void Parts()
    {
        (PartName Name, int Length)[] parts =
            [(PartName.Summary, 0), (PartName.Slip, 1), (PartName.Segment(0), 15), (PartName.Segment(1), 200), (PartName.Segment(12), 9000)];
        var key = Bytes(32, 0x11);
        using var sessionKey = new BodySessionKey((byte[])key.Clone());
        VectorFiles.Write("parts", parts.Select(part =>
        {
            var (plaintext, block) = (Bytes(part.Length, 0x21), Bytes(16, 0x31));
            var sealedBytes = sessionKey.Seal(part.Name, new ReadOnlySequence<byte>(plaintext), block);
            return new PartVector(Hex(key), part.Name.ToString(), Hex(block), Hex(plaintext), Hex(sealedBytes));
        }).ToList());
    }

    private static void KeyPackets()
    {
        var (key, packet, message) = (Bytes(32, 0x41), Bytes(96, 0x51), MessageId.From(ObjectId.FromBytes(Bytes(16, 0x61))));
        VectorFiles.Write("key-packet-wrap", new KeyPacketVector(
            Hex(key), Hex(Nonce), message.ToString(), Mailbox.ToString(), Hex(packet), Hex(ErasureKey.Wrap(key, packet, message, Mailbox, Nonce))));
    }

    private static void AccountAndMessages()
    {
        using var master = new MasterKey(Bytes(32, 0xA0));
        var made = NewAccountKeys.Make(master, Account, Mailbox, "bob@example.org", Now);
        var account = UnlockedAccount.Unlock(master, Account, made.UserKey.Fingerprint, made.UserKey.PrivateKey, made.UserKeyWrap);
        VectorFiles.Write("account", new AccountVector(
            Account.ToString(), Mailbox.ToString(), Hex(master.Bytes), made.UserKey.Fingerprint, Hex(made.UserKey.PrivateKey), Hex(made.UserKeyWrap),
            made.AddressKey.Fingerprint, Hex(made.AddressKey.PrivateKey), Hex(made.AddressKeyPassphrase), Hex(made.MailboxKey),
            Hex(account.OpenMailboxKey(Mailbox, made.MailboxKey))));

        var passphrase = Passphrase.Generate();
        var locked = LockedKey.Generate("<bob@example.org>", passphrase, Now);
        var bob = RecipientKey.Read(locked.PublicKey, Now).Key!;
        var carol = RecipientKey.Read(made.AddressKey.PublicKey, Now).Key!;
        var removed = new RemovedBytes(31, "Authentication-Results: x; spf=pass\r\n"u8.ToArray());
        var forged = Samples.Arrival(3) with { Summary = Samples.Summary with { Removed = [removed], Size = Samples.Message.Length + removed.Bytes.Length } };
        VectorFiles.Write("messages", new MessageVectors(locked.Fingerprint, Armor.Encode(locked.PrivateKey), passphrase,
        [
            Message("one recipient", Samples.Arrival(1), bob),
            Message("two recipients, so the slip has a key of its own", Samples.Arrival(2), bob, carol),
            Message("three segments and a forged field taken out", forged, bob),
        ]));
    }

    private static MessageVector Message(string what, ArrivalToSeal arrival, params RecipientKey[] recipients)
    {
        var (mail, segments) = WholeSegments.Seal(arrival, [.. recipients.Select(key => new SealTo(key, Samples.Slip))]);
        var copy = mail.Copies[0];
        var summary = arrival.Summary with
        {
            Manifest = [.. mail.Body.Segments.Select(s => new ManifestEntry(s.Index, s.Offset, s.Part.Length, s.Part.Sha256, s.Part.SealedSha256))],
        };
        return new MessageVector(
            what,
            [.. copy.KeyPackets.Select(p => new PacketVector(p.Opens.ToString().ToLowerInvariant(), p.Type, p.Suite, Hex(p.Packet)))],
            Hex(mail.Body.Summary), Hex(copy.Slip), [.. segments.Select(segment => Hex(segment))],
            Encoding.UTF8.GetString(summary.ToJson()), Encoding.UTF8.GetString(Samples.Slip.ToJson()),
            Hex(arrival.TraceFields.ToArray()), Hex(arrival.Message.ToArray()),
            Hex(Client.Opening.ReceivedMessage.Rebuild(arrival.Message.ToArray(), arrival.Summary.Removed)));
    }

    private static void Refused(PasswordKeys keys)
    {
        var key = Bytes(32, 0x11);
        using var sessionKey = new BodySessionKey((byte[])key.Clone());
        using var otherKey = new BodySessionKey(Bytes(32, 0x12));
        var text = new ReadOnlySequence<byte>("At four?\r\n"u8.ToArray());
        var good = sessionKey.Seal(PartName.Segment(1), text, Bytes(16, 0x31));
        RefusedPart Part(string why, byte[] bytes, string name = "seg/1") => new(why, Hex(key), name, Hex(bytes));
        var parts = new List<RefusedPart>
        {
            Part("the name of another segment", good, "seg/2"),
            Part("the name of another part", good, "summary"),
            Part("a name that begins alike", good, "seg/11"),
            Part("empty", []),
            Part("cut short", good[..^1]),
            Part("a byte too many", [.. good, 0]),
            Part("SEIPD version 2", Changed(good, 2, 1 ^ 2)),
            Part("another packet", Changed(good, 0, 18 ^ 11)),
            Part("two literal packets inside", sessionKey.SealPackets(Literals(2))),
            Part("a compressed packet inside", sessionKey.SealPackets(new byte[] { 0xC8, 0x01, 0x00 })),
            Part("another session key", otherKey.Seal(PartName.Segment(1), text)),
        };
        foreach (var bit in new[] { 3 * 8, (3 + 16) * 8, (3 + 18) * 8, (good.Length - 22) * 8, (good.Length - 1) * 8 })
            parts.Add(Part($"bit {bit} flipped", Changed(good, bit / 8, 1)));

        using var master = new MasterKey(Bytes(32, 0xA0));
        var slot = PasswordSlot(KeySlotKind.Password, keys, master);
        var wrap = Convert.FromHexString(slot.Wrap);
        RefusedSlot BadSlot(string why, string? bytes = null, byte kind = 1, string? account = null, string? id = null, string? parameters = null) =>
            new(why, kind, account ?? slot.AccountId, id ?? slot.SlotId, parameters ?? slot.Parameters, slot.WrapKey, bytes ?? slot.Wrap);
        var dearer = new KdfParameters(131_072, 3, 1).ToBytes();

        var summary = JsonNode.Parse(Samples.Summary.ToJson())!;
        summary["v"] = 2;
        var otherHash = SHA256.HashData("At five?\r\n"u8);
        VectorFiles.Write("refused", new RefusedVectors(
            parts,
            [
                BadSlot("version 2", Hex(Changed(wrap, 0, 3))), BadSlot("a flipped bit", Hex(Changed(wrap, 20, 1))), BadSlot("cut short", Hex(wrap.AsSpan(..^1))),
                BadSlot("another kind", kind: 3), BadSlot("another account", account: Slot.ToString()), BadSlot("another slot", id: Account.ToString()),
                BadSlot("other parameters", parameters: Hex(dearer)),
            ],
            [
                new("version 2", "summary", summary.ToJsonString()), new("no version", "summary", "{}"), new("not JSON", "summary", "v=1"),
                new("version 2", "slip", """{"v":2,"envelopeFrom":"","envelopeTo":"","deliveredTo":"","rules":[]}"""), new("null", "slip", "null"),
            ],
            [
                new("not the manifest's bytes", Hex(key), 1, Hex(good), 10, Hex(otherHash)),
                new("not the manifest's length", Hex(key), 1, Hex(good), 11, Hex(SHA256.HashData("At four?\r\n"u8))),
            ]));

        static byte[] Literals(int count) =>
            [.. Enumerable.Repeat<byte[]>([0xCB, 13, (byte)'b', 5, .. "seg/1"u8, 0, 0, 0, 0, (byte)'x', (byte)'y'], count).SelectMany(bytes => bytes)];
    }

    private static byte[] Changed(byte[] bytes, int index, int mask)
    {
        var changed = (byte[])bytes.Clone();
        changed[index] ^= (byte)mask;
        return changed;
    }

    /// <summary>Bytes that are easy to tell apart: SHA-256 of a counter, by <paramref name="seed"/>.</summary>
    private static byte[] Bytes(int length, byte seed)
    {
        var bytes = new byte[(length + 31) / 32 * 32];
        Span<byte> counter = stackalloc byte[5];
        counter[0] = seed;
        for (var i = 0; i < bytes.Length; i += 32)
        {
            BinaryPrimitives.WriteInt32BigEndian(counter[1..], i);
            SHA256.HashData(counter, bytes.AsSpan(i, 32));
        }
        return bytes[..length];
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
