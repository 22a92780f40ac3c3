using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Appliance.Mail.Tests.Dns;

/// <summary>A recursive resolver as far as questions about its few names go, on loopback over UDP and TCP.</summary>
public sealed class ZoneServer : IAsyncDisposable
{
    public const ushort A = 1, Cname = 5, BackPointer = 12, Mx = 15, Txt = 16, Aaaa = 28;
    private const ushort Opt = 41;
    private const int MostAliases = 8;
    private readonly CancellationTokenSource _over = new();
    private readonly UdpClient _udp;
    private readonly TcpListener _tcp;
    private readonly Task _serving;
    private int _questions;

    /// <param name="address">Null: a free port of 127.0.0.1.</param>
    public ZoneServer(IPEndPoint? address = null)
    {
        (_udp, _tcp) = Bind(address ?? new IPEndPoint(IPAddress.Loopback, 0));
        Address = (IPEndPoint)_udp.Client.LocalEndPoint!;
        _serving = Task.WhenAll(ServeUdpAsync(), ServeTcpAsync());
    }

    public IPEndPoint Address { get; }

    /// <summary>By lower-case name.</summary>
    public Dictionary<string, List<(ushort Type, byte[] Data)>> Names { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names about which nothing is answered but the records they have.</summary>
    public HashSet<string> Silent { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes the place of an honest answer; null: silence.</summary>
    public Func<byte[], byte[]?>? Lie { get; set; }

    public uint TimeToLive { get; set; } = 300;

    public int Questions => _questions;

    public void Add(string name, ushort type, byte[] data)
    {
        if (!Names.TryGetValue(name, out var records))
            Names[name] = records = [];
        records.Add((type, data));
    }

    public void AddText(string name, params string[] strings) => Add(name, Txt, TextData(strings));

    public static byte[] TextData(params string[] strings) =>
        [.. strings.SelectMany(text => Encoding.Latin1.GetBytes(text).Chunk(255).DefaultIfEmpty([])).SelectMany(part => (byte[])[(byte)part.Length, .. part])];

    public static byte[] NameData(string name) =>
        [.. name.TrimEnd('.').Split('.', StringSplitOptions.RemoveEmptyEntries).SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.Latin1.GetBytes(label)]), 0];

    public static byte[] MxData(ushort preference, string name) => [(byte)(preference >> 8), (byte)preference, .. NameData(name)];

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _udp.Dispose();
        _tcp.Dispose();
        await _serving;
        _over.Dispose();
    }

    /// <summary>One port for both.</summary>
    private static (UdpClient Udp, TcpListener Tcp) Bind(IPEndPoint address)
    {
        for (var tries = 0; ; tries++)
        {
            var udp = new UdpClient(address);
            var tcp = new TcpListener((IPEndPoint)udp.Client.LocalEndPoint!);
            try
            {
                tcp.Start();
                return (udp, tcp);
            }
            catch (SocketException) when (address.Port == 0 && tries < 20)
            {
                udp.Dispose();
                tcp.Dispose();
            }
        }
    }

    private async Task ServeUdpAsync()
    {
        while (!_over.IsCancellationRequested)
        {
            try
            {
                var asked = await _udp.ReceiveAsync(_over.Token);
                if (Answer(asked.Buffer, overTcp: false) is { } answer)
                    await _udp.SendAsync(answer, asked.RemoteEndPoint, _over.Token);
            }
            catch (Exception gone) when (gone is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // The asker, or the test, is over.
            }
        }
    }

    private async Task ServeTcpAsync()
    {
        while (!_over.IsCancellationRequested)
        {
            try
            {
                using var client = await _tcp.AcceptTcpClientAsync(_over.Token);
                var stream = client.GetStream();
                var length = new byte[2];
                while (true)
                {
                    await stream.ReadExactlyAsync(length, _over.Token);
                    var question = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                    await stream.ReadExactlyAsync(question, _over.Token);
                    if (Answer(question, overTcp: true) is not { } answer)
                        break;
                    BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)answer.Length);
                    await stream.WriteAsync((byte[])[.. length, .. answer], _over.Token);
                }
            }
            catch (Exception gone) when (gone is OperationCanceledException or ObjectDisposedException or IOException or SocketException)
            {
                // The asker, or the test, is over.
            }
        }
    }

    private byte[]? Answer(byte[] question, bool overTcp)
    {
        Interlocked.Increment(ref _questions);
        if (Lie is { } lie)
            return lie(question);
        var (name, end) = NameAt(question, 12);
        var type = BinaryPrimitives.ReadUInt16BigEndian(question.AsSpan(end));
        if (Silent.Contains(name) && !(Names.TryGetValue(name, out var known) && known.Exists(record => record.Type == type)))
            return null;
        var answers = new List<byte[]>();
        var exists = Names.ContainsKey(name);
        for (var alias = 0; alias < MostAliases && Names.TryGetValue(name, out var records); alias++)
        {
            answers.AddRange(records.Where(record => record.Type == type).Select(record => Record(name, record.Type, record.Data)));
            if (records.FirstOrDefault(record => record.Type == Cname) is not { Data: { } target })
                break;
            answers.Add(Record(name, Cname, target));
            name = NameAt(target, 0).Name;
        }
        var most = overTcp ? ushort.MaxValue : MostOverUdp(question, end + 4);
        var header = (byte[])[.. question[..2], 0x81, (byte)(exists ? 0x80 : 0x83), 0, 1, 0, 0, 0, 0, 0, 0];
        var asked = question[12..(end + 4)];
        if (header.Length + asked.Length + answers.Sum(record => record.Length) > most)
        {
            header[2] |= 2; // truncated
            answers.Clear();
        }
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(6), (ushort)answers.Count);
        return [.. header, .. asked, .. answers.SelectMany(record => record)];
    }

    private byte[] Record(string name, ushort type, byte[] data)
    {
        var fixedPart = new byte[10];
        BinaryPrimitives.WriteUInt16BigEndian(fixedPart, type);
        BinaryPrimitives.WriteUInt16BigEndian(fixedPart.AsSpan(2), 1);
        BinaryPrimitives.WriteUInt32BigEndian(fixedPart.AsSpan(4), TimeToLive);
        BinaryPrimitives.WriteUInt16BigEndian(fixedPart.AsSpan(8), (ushort)data.Length);
        return [.. NameData(name), .. fixedPart, .. data];
    }

    private static int MostOverUdp(byte[] question, int additional) =>
        question.Length >= additional + 5 && question[additional] == 0 && BinaryPrimitives.ReadUInt16BigEndian(question.AsSpan(additional + 1)) == Opt
            ? Math.Max(512, (int)BinaryPrimitives.ReadUInt16BigEndian(question.AsSpan(additional + 3)))
            : 512;

    private static (string Name, int End) NameAt(byte[] message, int at)
    {
        var labels = new List<string>();
        while (message[at] != 0)
        {
            labels.Add(Encoding.Latin1.GetString(message, at + 1, message[at]));
            at += 1 + message[at];
        }
        return (string.Join('.', labels).ToLowerInvariant(), at + 1);
    }
}
