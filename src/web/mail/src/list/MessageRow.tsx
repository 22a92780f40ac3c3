import type { MessageItem } from '@appliance/crypto';
import { Boundary, formatListDate, useLanguage } from '@appliance/ui';
import { IconAlertTriangle, IconHourglass, IconPaperclip } from '@tabler/icons-react';
import { Countdown } from '../filing/Countdown.tsx';
import type { Role } from '../route.ts';
import { useTexts } from '../texts/index.ts';
import classes from './MessageList.module.css';
import { People } from './People.tsx';
import { authorsOf, hasAttachment, subjectOf } from './summaries.ts';

interface MessageRowProps {
  message: MessageItem;
  folder: Role;
  position: number;
  count: number;
  top: number;
  height: number;
  isActive: boolean;
  isOpened: boolean;
  isNew: boolean;
  onOpen: (messageId: string) => void;
}

export function MessageRow({ message, folder, position, count, top, height, isActive, isOpened, isNew, onOpen }: MessageRowProps) {
  const t = useTexts();
  const { messageId } = message.ref;
  const isUnread = !message.flags.includes('seen');
  return (
    // The list above has the focus and the keys (aria-activedescendant).
    <div
      id={`message-${messageId}`}
      role="option"
      aria-selected={isOpened}
      aria-posinset={position}
      aria-setsize={count}
      className={classes.row}
      data-active={isActive || undefined}
      data-opened={isOpened || undefined}
      data-unread={isUnread || undefined}
      data-new={isNew || undefined}
      style={{ height, transform: `translateY(${top}px)` }}
      onClick={() => onOpen(messageId)}
    >
      <span className={classes.dot} aria-hidden="true" />
      <Boundary fallback={() => <div className={classes.line}><span className={classes.sender}>{t.reader.unshown}</span></div>}>
        <Contents message={message} folder={folder} isUnread={isUnread} />
      </Boundary>
    </div>
  );
}

function Contents({ message, folder, isUnread }: Pick<MessageRowProps, 'message' | 'folder'> & { isUnread: boolean }) {
  const t = useTexts();
  const { language } = useLanguage();
  const { summary, broken, arrivedAt } = message;
  const people = summary && (folder === 'sent' || folder === 'drafts' ? summary.to : authorsOf(summary));
  return (
    <>
      <div className={classes.line}>
        {isUnread && <span className="visually-hidden">{t.list.unread}, </span>}
        <span className={classes.sender} dir="auto">{people ? people.length > 0 ? <People people={people} /> : t.list.noSender : <IconAlertTriangle size={16} aria-hidden="true" />}</span>
        {summary && hasAttachment(summary) && <IconPaperclip size={14} className={classes.mark} role="img" aria-label={t.reader.attachments} />}
        {message.expiresAt !== null && (
          <span className={classes.expiry}>
            <IconHourglass size={12} aria-hidden="true" />
            <span className="visually-hidden">{t.expiry.destroyed} </span>
            <Countdown at={message.expiresAt} />
          </span>
        )}
        <time className={classes.time} dateTime={arrivedAt}>{formatListDate(new Date(arrivedAt), new Date(), language)}</time>
      </div>
      <div className={classes.subject} dir="auto">{summary ? subjectOf(summary, t) : t.list.broken[broken ?? 'changed']}</div>
      <div className={classes.snippet} dir="auto">{summary?.snippet}</div>
    </>
  );
}
