using System.Buffers;
using System.Text;
using Appliance.Client.Keys;
using Appliance.Client.Opening;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Keys;
using Appliance.Crypto.Sealing;
using Appliance.Crypto.Tests.Sealing;
using CsCheck;

namespace Appliance.Client.Tests.Opening;

public sealed class OpenedBodyTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);
    private static readonly Member Ann = Member.Make("ann@example.org");
    private static readonly Member Bob = Member.Make("bob@example.org");

    [Fact]
    public void What_was_sealed_opens_byte_for_byte() =>
        Gen.Select(Gen.Byte.Array[0, 40_000], Gen.Byte.Array[0, 400], Gen.Int[1, 5]).Sample(
            (message, trace, pieces) =>
            {
                var arrival = Samples.Arrival(message, trace, pieces);
                var (mail, sealedSegments) = WholeSegments.Seal(arrival, [new SealTo(Ann.PublicKey, Samples.Slip)]);

                using var body = OpenedBody.Open(Ann.PrivateKey, mail.Copies[0].KeyPackets, mail.Body.Summary);
                var segments = sealedSegments.Select((segment, index) => body.OpenSegment(index, segment)).ToList();

                Assert.Equal(trace, segments[0]);
                Assert.Equal(message, segments.Skip(1).SelectMany(segment => segment));
                Assert.Equivalent(Samples.Slip, body.OpenSlip(mail.Copies[0].Slip));
            },
            iter: 60);

    [Fact]
    public void Segments_of_any_length_open_whether_they_were_sealed_alone_or_in_step()
    {
        using var key = new BodySessionKey(Enumerable.Repeat((byte)7, 32).ToArray());
        using var opening = new SessionKey(Enumerable.Repeat((byte)7, 32).ToArray());
        var bytes = System.Security.Cryptography.RandomNumberGenerator.GetBytes(70_017);
        foreach (var length in Enumerable.Range(0, 300).Concat(Enumerable.Range(8_300, 40)).Append(70_000))
        {
            AssertOpens(length);
            AssertOpens(length, length + 1, length + 17, length + 16);
        }

        void AssertOpens(params int[] lengths)
        {
            var output = new ArrayBufferWriter<byte>();
            var parts = key.SealSegments(3, lengths.Select(length => new ReadOnlySequence<byte>(bytes, 0, length)).ToArray(), packets => output.Write(packets));
            var rest = output.WrittenSpan;
            for (var i = 0; i < lengths.Length; i++)
            {
                var opened = PartOpener.Open(opening, PartName.Segment(3 + i), rest[..(int)parts[i].SealedLength]);
                Assert.True(bytes.AsSpan(0, lengths[i]).SequenceEqual(opened), $"{i} of {string.Join(", ", lengths)}");
                rest = rest[(int)parts[i].SealedLength..];
            }
            Assert.True(rest.IsEmpty);
        }
    }

    [Fact]
    public void Every_recipient_opens_the_body_and_only_his_own_slip()
    {
        var slips = new[] { Samples.Slip with { DeliveredTo = "ann@example.org" }, Samples.Slip with { DeliveredTo = "bob@example.org" } };
        var (sealedMail, segments) = WholeSegments.Seal(Samples.Arrival(2), [new SealTo(Ann.PublicKey, slips[0]), new SealTo(Bob.PublicKey, slips[1])]);

        foreach (var (member, i) in new[] { (Ann, 0), (Bob, 1) })
        {
            var copy = sealedMail.Copies[i];
            using var body = OpenedBody.Open(member.PrivateKey, copy.KeyPackets, sealedMail.Body.Summary);
            Assert.Equal(slips[i].DeliveredTo, body.OpenSlip(copy.Slip).DeliveredTo);
            Assert.Throws<SealBrokenException>(() => body.OpenSlip(sealedMail.Copies[1 - i].Slip));
            Assert.Equal([KeyPacketOpens.Body, KeyPacketOpens.Slip], copy.KeyPackets.Select(packet => packet.Opens));
        }
        Assert.Throws<SealBrokenException>(() => OpenedBody.Open(Bob.PrivateKey, sealedMail.Copies[0].KeyPackets, sealedMail.Body.Summary));
    }

    [Fact]
    public void One_flipped_bit_anywhere_is_noticed()
    {
        var (sealedMail, segments) = WholeSegments.Seal(Samples.Arrival(1), [new SealTo(Ann.PublicKey, Samples.Slip)]);
        var copy = sealedMail.Copies[0];
        using var body = OpenedBody.Open(Ann.PrivateKey, copy.KeyPackets, sealedMail.Body.Summary);

        EachFlip(segments[1], changed => body.OpenSegment(1, changed));
        EachFlip(sealedMail.Body.Summary, changed => OpenedBody.Open(Ann.PrivateKey, copy.KeyPackets, changed), every: 16);
        EachFlip(copy.Slip, changed => body.OpenSlip(changed));
        EachFlip(
            copy.KeyPackets[0].Packet,
            changed => OpenedBody.Open(Ann.PrivateKey, [copy.KeyPackets[0] with { Packet = changed }], sealedMail.Body.Summary));
    }

    [Fact]
    public void A_segment_under_the_number_of_another_is_refused()
    {
        var (sealedMail, segments) = WholeSegments.Seal(Samples.Arrival(2), [new SealTo(Ann.PublicKey, Samples.Slip)]);
        using var body = OpenedBody.Open(Ann.PrivateKey, sealedMail.Copies[0].KeyPackets, sealedMail.Body.Summary);

        Assert.Throws<SealBrokenException>(() => body.OpenSegment(1, segments[2]));
        Assert.Throws<SealBrokenException>(() => body.OpenSegment(3, segments[2]));
    }

    [Fact]
    public void A_segment_that_is_intact_but_not_the_manifests_is_refused()
    {
        using var key = new BodySessionKey();
        var original = key.SealSegment(1, "one"u8.ToArray());
        var replaced = key.SealSegment(1, "two"u8.ToArray());
        var summary = Samples.Summary with { Manifest = [new ManifestEntry(1, 0, 3, original.Part.Sha256, original.Part.SealedSha256)] };
        using var body = OpenedBody.Open(
            Ann.PrivateKey, [key.WrapFor(Ann.PublicKey)], key.Seal(PartName.Summary, new ReadOnlySequence<byte>(summary.ToJson())));

        Assert.Equal("one"u8, body.OpenSegment(1, original.Sealed));
        Assert.Throws<SealBrokenException>(() => body.OpenSegment(1, replaced.Sealed));
    }

    [Fact]
    public void Equal_bytes_are_never_sealed_to_equal_bytes()
    {
        using var key = new BodySessionKey();
        var same = new ReadOnlySequence<byte>(new byte[100]);

        Assert.NotEqual(key.Seal(PartName.Segment(1), same), key.Seal(PartName.Segment(1), same));
    }

    [Fact]
    public void Offsets_of_segments_count_removed_bytes()
    {
        var message = Encoding.ASCII.GetBytes("A: 1\r\nC: 3\r\n\r\nbody");
        var removed = new RemovedBytes(6, Encoding.ASCII.GetBytes("B: 2\r\n"));
        var arrival = new ArrivalToSeal(
            Samples.Summary with { Removed = [removed] }, ReadOnlySequence<byte>.Empty, new ReadOnlySequence<byte>(message),
            [new SegmentRange(0, 14), new SegmentRange(14, 4)]);
        var (sealedMail, segments) = WholeSegments.Seal(arrival, [new SealTo(Ann.PublicKey, Samples.Slip)]);
        using var body = OpenedBody.Open(Ann.PrivateKey, sealedMail.Copies[0].KeyPackets, sealedMail.Body.Summary);

        Assert.Equal([null, 0L, 20L], body.Summary.Manifest.Select(entry => entry.Offset));
        Assert.Equal("A: 1\r\nB: 2\r\nC: 3\r\n\r\nbody"u8, ReceivedMessage.Rebuild(message, body.Summary.Removed));
    }

    private static void EachFlip(byte[] bytes, Action<byte[]> open, int every = 1)
    {
        for (var bit = 0; bit < bytes.Length * 8; bit += every)
        {
            var changed = (byte[])bytes.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<SealBrokenException>(() => open(changed));
        }
    }

    private sealed record Member(RecipientKey PublicKey, UnlockedKey PrivateKey)
    {
        public static Member Make(string address)
        {
            var passphrase = Passphrase.Generate();
            var key = LockedKey.Generate($"<{address}>", passphrase, Now);
            return new Member(RecipientKey.Read(key.PublicKey, Now).Key!, UnlockedKey.Unlock(key.PrivateKey, passphrase));
        }
    }
}
