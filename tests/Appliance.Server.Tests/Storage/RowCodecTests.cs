using System.Collections;
using Appliance.Crypto.Formats;
using Appliance.Server.Storage;

namespace Appliance.Server.Tests.Storage;

public sealed class RowCodecTests
{
    public enum Colour
    {
        Red,
        Green = 7,
    }

    public sealed record Inner(string Name, byte[] Bytes);

    public sealed record Everything
    {
        public required string Text { get; init; }
        public string? NoText { get; init; }
        public byte[] Bytes { get; init; } = [];
        public byte[]? NoBytes { get; init; }
        public bool Flag { get; init; }
        public bool? MaybeFlag { get; init; }
        public int Number { get; init; }
        public int? MaybeNumber { get; init; }
        public int? NoNumber { get; init; }
        public uint Positive { get; init; }
        public long Large { get; init; }
        public long? MaybeLarge { get; init; }
        public Colour Colour { get; init; }
        public Colour? MaybeColour { get; init; }
        public Colour? NoColour { get; init; }
        public DateTimeOffset At { get; init; }
        public DateTimeOffset? MaybeAt { get; init; }
        public DateTimeOffset? NeverAt { get; init; }
        public ObjectId Id { get; init; }
        public ObjectId? MaybeId { get; init; }
        public MailboxId Mailbox { get; init; }
        public MailboxId? MaybeMailbox { get; init; }
        public MailboxId? NoMailbox { get; init; }
        public Inner? Inner { get; init; }
        public IReadOnlyList<Inner> Inners { get; init; } = [];
        public IReadOnlyList<string> Texts { get; init; } = [];
        public IReadOnlyList<MessageId> Messages { get; init; } = [];
        public IReadOnlyList<byte[]> Pieces { get; init; } = [];
        public IReadOnlyList<Colour>? NoColours { get; init; }
    }

    internal sealed record Old
    {
        public required string Kept { get; init; }
        public int Dropped { get; init; }
    }

    internal sealed record New
    {
        public required string Kept { get; init; }
        public string Added { get; init; } = "default";
        public IReadOnlyList<int> AddedToo { get; init; } = [];
        public string Computed => Kept + "!";
    }

    internal sealed record Failing
    {
        public required string Before { get; init; }

        public IReadOnlyList<string> Texts { get; init; } = new Unreadable();
    }

    private sealed class Unreadable : IReadOnlyList<string>
    {
        public int Count => 1;

        public string this[int index] => throw new InvalidTimeZoneException();

        public IEnumerator<string> GetEnumerator() => throw new InvalidTimeZoneException();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    [Fact]
    public void Every_kind_of_field_comes_back_as_it_was()
    {
        var row = new Everything
        {
            Text = "grüße 你好",
            Bytes = [1, 2, 3],
            Flag = true,
            MaybeFlag = false,
            Number = int.MinValue,
            MaybeNumber = 5,
            Positive = uint.MaxValue,
            Large = long.MinValue,
            MaybeLarge = long.MaxValue,
            Colour = Colour.Green,
            MaybeColour = Colour.Red,
            At = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123),
            MaybeAt = DateTimeOffset.FromUnixTimeMilliseconds(-1),
            Id = ObjectId.New(),
            MaybeId = ObjectId.New(),
            Mailbox = new MailboxId(ObjectId.New()),
            MaybeMailbox = new MailboxId(ObjectId.New()),
            Inner = new Inner("one", [9]),
            Inners = [new Inner("two", []), new Inner("three", [1])],
            Texts = ["", "a"],
            Messages = [new MessageId(ObjectId.New())],
            Pieces = [[], [1, 2]],
        };
        Assert.Equivalent(row, RowCodec.Read<Everything>(RowCodec.Write(row)), strict: true);
    }

    [Fact]
    public void Instants_are_kept_to_the_millisecond_in_utc()
    {
        var at = new DateTimeOffset(2026, 3, 1, 12, 0, 0, 123, TimeSpan.FromHours(8)).AddTicks(4567);
        var back = RowCodec.Read<Everything>(RowCodec.Write(new Everything { Text = "", At = at })).At;
        Assert.Equal(TimeSpan.Zero, back.Offset);
        Assert.Equal(at.ToUnixTimeMilliseconds(), back.ToUnixTimeMilliseconds());
    }

    [Fact]
    public void Unknown_members_are_ignored_and_missing_ones_keep_their_default()
    {
        var row = RowCodec.Read<New>(RowCodec.Write(new Old { Kept = "k", Dropped = 3 }));
        Assert.Equal("k", row.Kept);
        Assert.Equal("default", row.Added);
        Assert.Empty(row.AddedToo);
        Assert.Equal("k!", row.Computed);
    }

    [Fact]
    public void A_number_that_is_nil_is_damage() =>
        Assert.Throws<StoreDamagedException>(() => RowCodec.Read<Old>(MessagePack.MessagePackSerializer.ConvertFromJson("""{"Kept":"k","Dropped":null}""")));

    [Fact]
    public void An_instant_that_there_is_not_is_damage() =>
        Assert.Throws<StoreDamagedException>(() => RowCodec.Read<Everything>(MessagePack.MessagePackSerializer.ConvertFromJson("""{"Text":"","At":9223372036854775807}""")));

    [Fact]
    public void A_row_that_cannot_be_written_leaves_nothing_to_the_next()
    {
        var alone = RowCodec.Write(new Old { Kept = "k" });
        Assert.Throws<InvalidTimeZoneException>(() => RowCodec.Write(new Failing { Before = new string('b', 200_000) })); // more than the writer holds back
        Assert.Equal(alone, RowCodec.Write(new Old { Kept = "k" }));
    }

    [Fact]
    public void A_row_cut_off_is_damage() =>
        Assert.All(
            Enumerable.Range(0, RowCodec.Write(new Old { Kept = "k", Dropped = 3 }).Length),
            length => Assert.Throws<StoreDamagedException>(() => RowCodec.Read<Old>(RowCodec.Write(new Old { Kept = "k", Dropped = 3 })[..length])));

    [Fact]
    public void Bytes_that_are_no_row_are_damage() =>
        Assert.Throws<StoreDamagedException>(() => RowCodec.Read<New>([0xC1, 0xFF]));

    [Fact]
    public void Only_the_properties_are_stored()
    {
        var json = MessagePack.MessagePackSerializer.ConvertToJson(RowCodec.Write(new Old { Kept = "k", Dropped = 3 }));
        Assert.Equal("""{"Kept":"k","Dropped":3}""", json);
    }
}
