import type { FolderInfo, MessageItem, SenderRule } from '@appliance/crypto';
import { useQueryClient } from '@tanstack/react-query';
import { describeError } from '../errors.ts';
import { type Pages, withAgain, without } from '../list/pages.ts';
import { messagesKey } from '../list/useMailbox.ts';
import { ruleFor, senderOf, senderRulesKey } from '../senders/senderRules.ts';
import type { Role } from '../route.ts';
import { useSession, useVault } from '../session.ts';
import { useTexts } from '../texts/index.ts';
import { addressAsShown } from '../visible.ts';
import type { ExpiryWish } from './ExpiryMenu.tsx';
import type { Notice } from './NoticeBar.tsx';

type Action = SenderRule['action'] | 'none';

/** Moves and destroys messages: gone from the list at once, back with a word when the server does not follow. */
export function useFiling(folders: FolderInfo[], notify: (notice: Notice | null) => void) {
  const t = useTexts();
  const vault = useVault();
  const queries = useQueryClient();
  const { mailboxId } = useSession();

  /** `then`: what is to be done once it is filed. */
  async function take(from: FolderInfo, message: MessageItem, change: () => Promise<void>, done: Notice, then?: () => Promise<void>): Promise<void> {
    const key = messagesKey(mailboxId, from.folderId);
    const show = (next: (pages: Pages) => Pages) => queries.setQueryData<Pages>(key, pages => pages && next(pages));
    show(pages => without(pages, message.ref.messageId));
    notify(done);
    await attempt(async () => {
      try {
        await change();
      } catch (error) {
        show(pages => withAgain(pages, message));
        throw error;
      }
      await then?.();
    }, key);
  }

  async function attempt(change: () => Promise<void>, key: readonly unknown[]): Promise<void> {
    try {
      await change();
    } catch (error) {
      notify({ text: describeError(error, t) });
      await queries.invalidateQueries({ queryKey: key });
    }
  }

  const rulesNow = () => queries.query({ queryKey: senderRulesKey(mailboxId), queryFn: () => vault.senderRules(mailboxId), staleTime: 'static' });

  async function setRule(sender: string, action: Action): Promise<void> {
    await vault.setSenderRule({ mailboxId, sender, action });
    await queries.invalidateQueries({ queryKey: senderRulesKey(mailboxId) });
  }

  /** Not junk: the sender is allowed. Junk: it is not allowed any more. What was before, when that is a change. */
  async function teach(sender: string | null, from: Role, to: Role): Promise<Action | null> {
    if (!sender || !(to === 'junk' || (from === 'junk' && to === 'inbox'))) return null;
    const before = ruleFor(await rulesNow(), sender) ?? 'none';
    const after = to === 'inbox' ? 'allow' : before === 'allow' ? 'none' : before;
    if (after === before) return null;
    await setRule(sender, after);
    return before;
  }

  return {
    move: (message: MessageItem, from: FolderInfo, to: Role): void => {
      const target = folders.find(folder => folder.role === to);
      if (!target || target.folderId === from.folderId) return;
      const { messageId } = message.ref;
      const sender = senderOf(message.summary);
      let before: Action | null = null; // what was said of the sender, when this changes it
      const moved = take(from, message, () => vault.move({ mailboxId, messageIds: [messageId], folderId: target.folderId }), {
        text: from.role === 'junk' && to === 'inbox' && sender ? t.senders.notJunk(addressAsShown(sender)) : t.filing.moved(t.folders[to]),
        undo: () => {
          notify(null);
          const key = messagesKey(mailboxId, from.folderId);
          void moved.then(() => attempt(async () => {
            await vault.move({ mailboxId, messageIds: [messageId], folderId: from.folderId });
            if (sender && before) await setRule(sender, before);
          }, key));
        },
      }, async () => {
        before = await teach(sender, from.role, to);
      });
    },
    /** What is to become of a sender's mail from now on. */
    rule: (sender: string, action: Action): void => {
      void attempt(async () => {
        const before = ruleFor(await rulesNow(), sender) ?? 'none';
        await setRule(sender, action);
        notify({
          text: t.senders.done[action](addressAsShown(sender)),
          undo: () => {
            notify(null);
            void attempt(() => setRule(sender, before), senderRulesKey(mailboxId));
          },
        });
      }, senderRulesKey(mailboxId));
    },
    destroy: (message: MessageItem, from: FolderInfo): void => {
      const { messageId } = message.ref;
      void take(from, message, () => vault.destroy({ mailboxId, messageIds: [messageId] }), { text: t.filing.destroyed })
        .then(() => queries.removeQueries({ queryKey: ['opened', mailboxId, messageId] }));
    },
    /** All that was seen there; what has come since stays. */
    empty: (folder: FolderInfo, throughUid: number): void => {
      const key = messagesKey(mailboxId, folder.folderId);
      void attempt(async () => {
        notify({ text: t.filing.emptied(await vault.empty({ mailboxId, folderId: folder.folderId, throughUid })) });
        await queries.invalidateQueries({ queryKey: key });
      }, key);
    },
    expire: (message: MessageItem, folder: FolderInfo, wish: ExpiryWish): void => {
      void attempt(() => vault.expire({ mailboxId, messageIds: [message.ref.messageId], ...wish }), messagesKey(mailboxId, folder.folderId));
    },
  };
}
