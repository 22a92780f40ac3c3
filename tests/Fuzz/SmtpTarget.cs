using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Appliance.Mail.Addresses;
using Appliance.Mail.Smtp;
using Appliance.Mail.Tests.Smtp;

namespace Appliance.Fuzz;

/// <summary>
/// A whole session. It must come to an end without a fault, answer in well-formed replies, give back its memory, and
/// answer the same octets the same in whatever pieces they come.
/// </summary>
internal sealed partial class SmtpTarget : IFuzzTarget
{
    private const long Budget = 1 << 20;

    private static readonly PipeOptions Inline = new(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false);

    public string Name => "smtp";

    public IReadOnlyList<byte[]> Corpus() =>
        [.. Transcript.Names.Select(name => Transcript.Load(name).AllClientOctets).Where(octets => octets.Length < 10_000)];

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        "\r\n"u8.ToArray(), "\r\n.\r\n"u8.ToArray(), "\n.\n"u8.ToArray(), "\r"u8.ToArray(), "\n"u8.ToArray(), "\0"u8.ToArray(), [0xFF], "<>"u8.ToArray(),
        "99999999999999999999"u8.ToArray(), "\""u8.ToArray(), "\\"u8.ToArray(),
        "XCLIENT ADDR=192.0.2.7 HELO=a+2Eexample\r\n"u8.ToArray(), "PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n"u8.ToArray(), "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"u8.ToArray(),
    ];

    public void Run(ReadOnlyMemory<byte> input)
    {
        if (ProxyHeader.TryRead(new ReadOnlySequence<byte>(input), out _, out var header) == ProxyHeaderStatus.Complete && (header <= 0 || header > input.Length))
            throw new InvalidOperationException($"A proxy's header of {header} bytes was read out of {input.Length}.");
        var whole = Converse(input, Math.Max(1, input.Length));
        var pieces = Converse(input, 1 + (input.IsEmpty ? 0 : input.Span[^1] % 7));
        if (whole != pieces)
            throw new InvalidOperationException($"In one piece:\n{whole}\nIn many:\n{pieces}");
    }

    private static string Converse(ReadOnlyMemory<byte> input, int piece)
    {
        var toServer = new Pipe(Inline);
        var toClient = new Pipe(Inline);
        var budget = new MessageBudget(Budget);
        var drop = new Drop();
        var options = new SmtpOptions { HostName = "mx.example.test", MaxMessageBytes = 2_000, MaxRecipients = 3, MaxErrors = 10 };
        var session = new SmtpServer(options, budget, TimeProvider.System)
            .RunAsync(new Transport(toServer.Reader, toClient.Writer), new SmtpPeer(new IPEndPoint(IPAddress.Loopback, 25)) { MayForward = true }, drop);
        for (; !input.IsEmpty; input = input[Math.Min(piece, input.Length)..])
            toServer.Writer.WriteAsync(input[..Math.Min(piece, input.Length)]).AsTask().GetAwaiter().GetResult();
        toServer.Writer.Complete();

        if (!session.IsCompleted)
            throw new InvalidOperationException("The session did not end with its input.");
        var end = session.GetAwaiter().GetResult();
        if (end.Fault is not null)
            throw new InvalidOperationException("The session threw.", end.Fault);
        if (budget.Free != Budget)
            throw new InvalidOperationException($"{Budget - budget.Free} bytes of the budget are lost.");
        if (end.Messages != drop.Kept)
            throw new InvalidOperationException($"{drop.Kept} messages were kept and {end.Messages} counted.");

        toClient.Writer.Complete();
        var replies = Read(toClient.Reader);
        if (!Replies().IsMatch(replies))
            throw new InvalidOperationException("Not replies: " + replies);
        return $"{replies}{drop.Log}{end.Reason}";
    }

    private static string Read(PipeReader reader)
    {
        var text = new StringBuilder();
        if (reader.TryRead(out var read))
        {
            foreach (var memory in read.Buffer)
                text.Append(Encoding.Latin1.GetString(memory.Span));
        }
        reader.Complete();
        return text.ToString();
    }

    [GeneratedRegex(@"\A(?:([245][0-9]{2}|354)[ -][ -~]{1,500}\r\n)+\z")]
    private static partial Regex Replies();

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class Drop : ISmtpMailDrop
    {
        public int Kept { get; private set; }

        public StringBuilder Log { get; } = new();

        public ValueTask<SmtpReply> SenderAsync(SmtpPeer peer, SmtpSender sender, CancellationToken abort) =>
            new(new SmtpReply(250, "2.1.0", "OK"));

        public ValueTask<SmtpRecipientAnswer> RecipientAsync(SmtpPeer peer, SmtpSender sender, SmtpPath recipient, IReadOnlyList<SmtpRecipient> accepted, int refused, CancellationToken abort)
        {
            // What was understood must be understood again, and be good for a look-up.
            if (recipient.Mailbox is { } mailbox && !(Mailbox.TryParse(mailbox.ToString(), out var again) && again.Key == mailbox.Key))
                throw new InvalidOperationException($"{mailbox} is not read again.");
            return new(new SmtpRecipientAnswer(new SmtpReply(250, "2.1.5", "OK")));
        }

        public ValueTask<SmtpReply> DeliverAsync(SmtpEnvelope envelope, MessageBuffer message, CancellationToken abort)
        {
            Kept++;
            Log.Append(envelope.Sender).AppendJoin(' ', envelope.Recipients);
            foreach (var memory in message.Content)
                Log.Append(Convert.ToHexString(memory.Span));
            return new(new SmtpReply(250, "2.0.0", "Kept"));
        }

        public void Refused(SmtpVerb verb, SmtpReply reply)
        {
        }
    }
}
