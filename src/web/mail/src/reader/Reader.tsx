import { ApiError } from '@appliance/api';
import type { MessageItem, OpenedMessage } from '@appliance/crypto';
import { Boundary, MenuButton, StateMessage } from '@appliance/ui';
import { ActionIcon, Button, Group, Menu, SegmentedControl, Skeleton, Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconAlertCircle, IconArrowLeft, IconCode, IconDots, IconDownload, IconFlame, IconListDetails, IconMail, IconMailOpened } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useEffectEvent, useMemo, useState } from 'react';
import { describeError } from '../errors.ts';
import { ExpiryHint } from '../filing/ExpiryHint.tsx';
import { ExpiryNote } from '../filing/ExpiryNote.tsx';
import { subjectOf } from '../list/summaries.ts';
import { useSession, useVault } from '../session.ts';
import { useTexts } from '../texts/index.ts';
import { AttachmentList } from './AttachmentList.tsx';
import { safeFileName, saveBlob } from './download.ts';
import { Envelope } from './Envelope.tsx';
import { HeadersDialog } from './HeadersDialog.tsx';
import { frameDocument } from './html.ts';
import { HtmlBody } from './HtmlBody.tsx';
import { OriginalDialog } from './OriginalDialog.tsx';
import classes from './Reader.module.css';
import { TextBody } from './TextBody.tsx';
import { VerdictWarning } from './Verdict.tsx';

type Dialog = 'headers' | 'original';

interface ReaderProps {
  messageId: string;
  /** The row of the list, once that is loaded. */
  item: MessageItem | undefined;
  onBack: () => void;
  onSeen: (isSeen: boolean) => void;
  /** What else can be done with it from where it is. */
  actions: ReactNode;
  /** Items of its menu about the sender. */
  senderItems: ReactNode;
  onDestroyAt: (at: string) => void;
}

export function Reader({ messageId, item, onBack, onSeen, actions, senderItems, onDestroyAt }: ReaderProps) {
  const t = useTexts();
  const vault = useVault();
  const { mailboxId } = useSession();
  const message = useQuery({ queryKey: ['opened', mailboxId, messageId], queryFn: () => vault.read({ mailboxId, messageId }), staleTime: Infinity });

  const [dialog, show] = useState<Dialog | null>(null);
  const isUnread = message.isSuccess && item?.flags.includes('seen') === false;
  const [isKeptUnread, keepUnread] = useState(false);
  const see = useEffectEvent(() => onSeen(true));
  useEffect(() => {
    if (isUnread && !isKeptUnread) see();
  }, [isUnread, isKeptUnread]);

  return (
    <>
      <Group className={classes.bar} gap={4} wrap="nowrap">
        <Tooltip label={t.shortcuts.back}>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t.shortcuts.back} onClick={onBack}><IconArrowLeft size={20} /></ActionIcon>
        </Tooltip>
        <Group gap={4} wrap="nowrap" ml="auto">{message.isSuccess && actions}</Group>
        {message.isSuccess && (
          <Actions
            messageId={messageId}
            message={message.data}
            dialog={dialog}
            show={show}
            senderItems={senderItems}
            onUnread={() => {
              keepUnread(true);
              onSeen(false);
              onBack();
            }}
          />
        )}
      </Group>
      {item && message.isSuccess && <ExpiryNote item={item} />}
      {item && message.isSuccess && <ExpiryHint item={item} onDestroyAt={onDestroyAt} />}
      {message.isPending
        ? <ReaderSkeleton label={t.loading} />
        : message.isError && message.error instanceof ApiError && message.error.code === 'not-found'
          ? <StateMessage icon={<IconFlame size={40} stroke={1.2} />} title={t.reader.gone} role="status">{t.reader.goneHint}</StateMessage>
        : message.isError
          ? (
            <StateMessage icon={<IconAlertCircle size={40} stroke={1.2} />} title={t.reader.failed} role="alert" retry={{ label: t.retry, onClick: () => void message.refetch() }}>
              {describeError(message.error, t)}
            </StateMessage>
          )
          : (
            <Boundary fallback={retry => <Unshown show={show} retry={retry} />}>
              <Message messageId={messageId} message={message.data} arrivedAt={item?.arrivedAt} />
            </Boundary>
          )}
    </>
  );
}

function Message({ messageId, message, arrivedAt }: { messageId: string; message: OpenedMessage; arrivedAt: string | undefined }) {
  const t = useTexts();
  // As much as there is beside everything else (Reader.module.css); the frame's own width tells nothing of the page's.
  const side = useMediaQuery('(max-width: 719px)', false, { getInitialValueInEffect: false }) ? 16 : 24;
  const formatted = useMemo(() => message.html === null ? null : frameDocument(message.html, message.inline, side), [message, side]);
  const [wantsText, setWantsText] = useState(false);
  const isFormatted = formatted !== null && !(wantsText && message.text !== null);
  return (
    <article className={classes.message} data-formatted={isFormatted || undefined}>
      <Envelope message={message} arrivedAt={arrivedAt} />
      <VerdictWarning verdict={message.summary.verdict} rules={message.slip?.rules} />
      {message.attachments.length > 0 && <AttachmentList messageId={messageId} attachments={message.attachments} />}
      {(message.html !== null && message.text !== null) || formatted?.isRemoteBlocked || (message.html !== null && !formatted) ? (
        <Group className={classes.note} justify="space-between" gap="sm">
          <span>{formatted === null ? message.html !== null && t.reader.htmlFailed : isFormatted && formatted.isRemoteBlocked && t.reader.remoteBlocked}</span>
          {formatted && message.text !== null && (
            <SegmentedControl
              size="xs"
              aria-label={t.reader.form}
              value={isFormatted ? 'html' : 'text'}
              onChange={value => setWantsText(value === 'text')}
              data={[{ value: 'html', label: t.reader.showHtml }, { value: 'text', label: t.reader.showText }]}
            />
          )}
        </Group>
      ) : null}
      {message.isCut && <p className={classes.note}>{t.reader.cut}</p>}
      {isFormatted
        ? <HtmlBody document={formatted} />
        : message.text?.trim()
          ? <TextBody text={message.text} />
          : !message.isCut && <p className={classes.empty}>{t.reader.noText}</p>}
    </article>
  );
}

interface ActionsProps { messageId: string; message: OpenedMessage; dialog: Dialog | null; show: (dialog: Dialog | null) => void; senderItems: ReactNode; onUnread: () => void }

function Actions({ messageId, message, dialog, show, senderItems, onUnread }: ActionsProps) {
  const t = useTexts();
  const vault = useVault();
  const { mailboxId } = useSession();
  const original = useMutation({ mutationFn: () => vault.original({ mailboxId, messageId }) });
  const fileName = `${safeFileName(subjectOf(message.summary, t), 'message')}.eml`;
  return (
    <>
      <Tooltip label={t.reader.markUnread}>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t.reader.markUnread} onClick={onUnread}><IconMail size={20} /></ActionIcon>
      </Tooltip>
      <MenuButton label={t.reader.more} icon={<IconDots size={20} />} color="gray" loading={original.isPending}>
        <Menu.Item leftSection={<IconListDetails size={16} />} onClick={() => show('headers')}>{t.reader.headers}</Menu.Item>
        <Menu.Item leftSection={<IconCode size={16} />} onClick={() => show('original')}>{t.reader.original}</Menu.Item>
        <Menu.Item leftSection={<IconDownload size={16} />} onClick={() => original.mutate(undefined, { onSuccess: eml => saveBlob(eml, fileName) })}>{t.reader.downloadOriginal}</Menu.Item>
        {senderItems}
      </MenuButton>
      {original.isError && <span className={classes.failed} role="alert">{describeError(original.error, t)}</span>}
      <HeadersDialog opened={dialog === 'headers'} headers={message.headers} onClose={() => show(null)} />
      <OriginalDialog opened={dialog === 'original'} messageId={messageId} fileName={fileName} onClose={() => show(null)} />
    </>
  );
}

/** In place of a message that cannot be drawn: it can be had as it came. */
function Unshown({ show, retry }: { show: (dialog: Dialog) => void; retry: () => void }) {
  const t = useTexts();
  return (
    <StateMessage icon={<IconAlertCircle size={40} stroke={1.2} />} title={t.reader.unshown} role="alert" retry={{ label: t.retry, onClick: retry }}>
      {t.reader.unshownHint}
      <Group justify="center" gap="xs" mt="sm">
        <Button variant="default" size="xs" onClick={() => show('headers')}>{t.reader.headers}</Button>
        <Button variant="default" size="xs" onClick={() => show('original')}>{t.reader.original}</Button>
      </Group>
    </StateMessage>
  );
}

/** What stands where a message would, while none is chosen. */
export function NothingOpen() {
  const t = useTexts();
  return <StateMessage icon={<IconMailOpened size={48} stroke={1} />} title={t.reader.none}>{t.reader.noneHint}</StateMessage>;
}

function ReaderSkeleton({ label }: { label: string }) {
  return (
    <div className={classes.message} role="status" aria-label={label}>
      <div className={classes.envelope} aria-hidden="true">
        <Skeleton height={20} width="60%" />
        <Group mt="lg" gap="sm"><Skeleton height={40} circle /><Skeleton height={12} width="35%" /></Group>
        {[95, 88, 92, 60].map(width => <Skeleton key={width} height={10} width={`${width}%`} mt="md" />)}
      </div>
    </div>
  );
}
