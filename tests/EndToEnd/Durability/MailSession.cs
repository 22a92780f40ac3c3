using System.Net;
using Appliance.EndToEnd.Harness;
using Appliance.EndToEnd.Traffic;

namespace Appliance.EndToEnd.Durability;

/// <summary>An SMTP connection that sends message after message to Ann.</summary>
internal sealed class MailSession : IAsyncDisposable
{
    private readonly SmtpDialogue _dialogue;

    private MailSession(SmtpDialogue dialogue) => _dialogue = dialogue;

    public static async Task<MailSession> OpenAsync(IPEndPoint mx)
    {
        var session = new MailSession(await SmtpDialogue.OpenAsync(mx));
        await session._dialogue.SayAsync("EHLO sender.example");
        return session;
    }

    /// <summary>The reply that decided: to the message, or to the command that was refused before it. Empty when the connection ended.</summary>
    public async Task<string> SendAsync(byte[] message)
    {
        foreach (var command in (string[])["MAIL FROM:<numbers@sender.example>", $"RCPT TO:<{Household.AnnAddress}>", "DATA"])
        {
            var reply = await _dialogue.SayAsync(command);
            if (reply.Length == 0 || reply[0] is not ('2' or '3'))
                return reply;
        }
        return await _dialogue.SayBytesAsync([.. message, .. ".\r\n"u8]);
    }

    public ValueTask DisposeAsync() => _dialogue.DisposeAsync();

    /// <summary>A message like no other, with so many random bytes in base64. No line begins with a dot.</summary>
    public static byte[] Message(string name, int bytes) =>
        new SampleWriter(new SeededBytes(name))
            .Header("numbers@sender.example", [Household.AnnAddress], $"Subject: {name}").Line().Base64(bytes).ToArray();
}
