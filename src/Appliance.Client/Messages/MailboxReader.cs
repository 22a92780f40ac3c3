using System.Runtime.CompilerServices;
using Appliance.Client.Api;
using Appliance.Client.Opening;
using Appliance.Client.Sessions;
using Appliance.Contracts;
using Appliance.Crypto.Sealing;

namespace Appliance.Client.Messages;

/// <summary>
/// Reads a member's mail: lists it with opened summaries, a page at a time, and opens single messages. One that does not open is an
/// entry with the reason, so that it never hides the others.
/// </summary>
public sealed class MailboxReader(ApplianceApi api, MemberAccount member)
{
    /// <summary>Sealed summaries are a few KB each; the answer stays small and comes quickly.</summary>
    private const int PageSize = 100;

    /// <summary>Every message of every folder; within a folder newest first. The consumer disposes each.</summary>
    public async IAsyncEnumerable<ListedMessage> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var mailbox in member.Account.Mailboxes)
        {
            foreach (var folder in mailbox.Folders)
            {
                await foreach (var message in ListAsync(mailbox.MailboxId, folder, cancellation))
                    yield return message;
            }
        }
    }

    /// <summary>One message, wherever it lies. Its folder is not looked up.</summary>
    /// <exception cref="ApiException"><see cref="ApiException.NotFound"/> when no mailbox holds it.</exception>
    /// <exception cref="SealBrokenException">It does not open.</exception>
    public async Task<OpenMessage> OpenAsync(string messageId, CancellationToken cancellation)
    {
        ApiException? missing = null;
        foreach (var mailbox in member.Account.Mailboxes)
        {
            try
            {
                var response = await api.GetMessageAsync(mailbox.MailboxId, messageId, cancellation);
                return response.MessageId == messageId
                    ? Open(mailbox.MailboxId, response)
                    : throw new SealBrokenException("The server sent another message than the one asked for. Ask its operator.");
            }
            catch (ApiException exception) when (exception.Code == ApiException.NotFound)
            {
                missing = exception;
            }
        }
        throw missing ?? new ApiException(ApiException.NotFound, null, "The account has no mailbox.");
    }

    private async IAsyncEnumerable<ListedMessage> ListAsync(
        string mailboxId, FolderResponse folder, [EnumeratorCancellation] CancellationToken cancellation)
    {
        uint? before = null;
        while (true)
        {
            var page = await api.ListMessagesAsync(mailboxId, folder.FolderId, before, PageSize, cancellation);
            foreach (var message in page.Messages)
                yield return TryOpen(mailboxId, folder.Role, message);
            if (!page.More || page.Messages.Count == 0)
                yield break;
            var oldest = page.Messages[^1].Uid;
            if (oldest >= before)
                throw new ApiException(ApiException.BadAnswer, null, "The server's message list does not end. Check that both programs are up to date.");
            before = oldest;
        }
    }

    private ListedMessage TryOpen(string mailboxId, string folder, MessageResponse response)
    {
        try
        {
            return new ListedMessage(response, folder, Open(mailboxId, response), null);
        }
        catch (Exception exception) when (exception is SealBrokenException or FormatException)
        {
            return new ListedMessage(response, folder, null, exception.Message);
        }
    }

    private OpenMessage Open(string mailboxId, MessageResponse response)
    {
        var packets = response.KeyPackets.Select(packet => new KeyPacket(Opens(packet.Opens), packet.Type, packet.Suite, packet.Packet)).ToList();
        var body = OpenedBody.Open(member.Key(response.KeyFingerprint), packets, response.Summary);
        return new OpenMessage(api, mailboxId, response, body);
    }

    private static KeyPacketOpens Opens(string text) => text switch
    {
        "body" => KeyPacketOpens.Body,
        "slip" => KeyPacketOpens.Slip,
        _ => throw new FormatException($"A key packet opens “{text}”, which is not known to this program; update it."),
    };
}

/// <summary>An entry of the list: either <paramref name="Opened"/>, or the <paramref name="Problem"/> that kept it shut.</summary>
/// <param name="Folder">The folder's role.</param>
public sealed record ListedMessage(MessageResponse Response, string Folder, OpenMessage? Opened, string? Problem) : IDisposable
{
    public void Dispose() => Opened?.Dispose();
}
