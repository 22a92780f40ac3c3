import type { FolderInfo } from '@appliance/crypto';
import { Boundary, StateMessage } from '@appliance/ui';
import { ActionIcon, Anchor, Button, Drawer, Group, Text, Title, Tooltip } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { IconAlertCircle, IconCloudOff, IconMenu2 } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { DestroyDialog } from '../filing/DestroyDialog.tsx';
import { ExpiryMenu } from '../filing/ExpiryMenu.tsx';
import filing from '../filing/Filing.module.css';
import { FilingActions } from '../filing/FilingActions.tsx';
import { type Notice, NoticeBar } from '../filing/NoticeBar.tsx';
import { useFiling } from '../filing/useFiling.ts';
import { MessageList } from '../list/MessageList.tsx';
import { sendersOf, subjectOf } from '../list/summaries.ts';
import { useFlag, useFlatMessages, useFolders, useLiveMailbox, useMessages } from '../list/useMailbox.ts';
import { NothingOpen, Reader } from '../reader/Reader.tsx';
import { RefusalsDialog } from '../refusals/RefusalsDialog.tsx';
import { go, type Role, useRoute } from '../route.ts';
import { SenderItems } from '../senders/SenderItems.tsx';
import { senderOf } from '../senders/senderRules.ts';
import { SettingsDialog } from '../settings/SettingsDialog.tsx';
import { type Texts, useTexts } from '../texts/index.ts';
import classes from './MailApp.module.css';
import { ShortcutHelp } from './ShortcutHelp.tsx';
import { Sidebar } from './Sidebar.tsx';
import { useShortcuts } from './useShortcuts.ts';

/** Folders, list and reader side by side; on a narrow screen one of them at a time. The address bar says what is shown. */
export function MailApp() {
  const folders = useFolders();
  const [notice, notify] = useState<Notice | null>(null);
  const closeNotice = useCallback(() => notify(null), []);
  const { folder: role, messageId } = useRoute();
  const folder = folders.find(candidate => candidate.role === role) ?? folders[0];
  if (!folder) throw new Error('A mailbox has folders from its activation on.');
  return (
    <>
      <Folder key={folder.folderId} folder={folder} folders={folders} opened={messageId} notice={notice} notify={notify} />
      <NoticeBar notice={notice} onClose={closeNotice} onAnswered={focusList} />
    </>
  );
}

interface FolderProps { folder: FolderInfo; folders: FolderInfo[]; opened: string | null; notice: Notice | null; notify: (notice: Notice | null) => void }

function Folder({ folder, folders, opened, notice, notify }: FolderProps) {
  const t = useTexts();
  const query = useMessages(folder);
  const messages = useFlatMessages(query.data);
  const { isOnline, arrivals } = useLiveMailbox(folder, messages);
  const flag = useFlag(folder);
  const { move, destroy, empty, expire, rule } = useFiling(folders, notify);
  const [isDestroying, destroying] = useDisclosure();
  const [areFoldersOpen, foldersDrawer] = useDisclosure();
  const [isHelpOpen, help] = useDisclosure();
  const [areSettingsOpen, settings] = useDisclosure();
  const [isEmptying, emptying] = useDisclosure();
  const [areRefusalsOpen, refusals] = useDisclosure();
  const hasRoomForFolders = useMediaQuery('(min-width: 1000px)', true);

  // The cursor of the list: it follows what is opened, and stays where it was when that is closed.
  const [cursor, setCursor] = useState({ at: opened, opened });
  if (opened !== cursor.opened) setCursor({ at: opened ?? cursor.at, opened });
  const active = cursor.at;

  const open = (messageId: string) => go(folder.role, messageId, opened === null ? 'push' : 'replace');
  const close = () => {
    go(folder.role);
    focusList();
  };
  const step = (by: 1 | -1) => {
    const index = messages.findIndex(message => message.ref.messageId === active);
    const target = messages[index < 0 ? 0 : index + by];
    if (!target) return;
    if (opened === null) setCursor({ at: target.ref.messageId, opened });
    else open(target.ref.messageId);
  };
  // What is opened, else what the cursor is on.
  const chosen = messages.find(message => message.ref.messageId === (opened ?? active));
  /** Shows what follows before the message leaves the list. */
  const leave = (messageId: string) => {
    const index = messages.findIndex(message => message.ref.messageId === messageId);
    const next = messages[index + 1] ?? messages[index - 1];
    if (opened === messageId) go(folder.role, next?.ref.messageId ?? null, 'replace');
    else setCursor({ at: next?.ref.messageId ?? null, opened });
    // The button that was pressed goes with its message.
    if (document.activeElement?.closest('main')) focusList();
  };
  const file = (to: Role) => {
    if (!chosen || to === folder.role) return;
    leave(chosen.ref.messageId);
    move(chosen, folder, to);
  };
  const sender = senderOf(chosen?.summary ?? null);
  const remove = () => folder.role === 'trash' ? chosen && destroying.open() : file('trash');
  useShortcuts(!isHelpOpen && !areFoldersOpen && !isDestroying && !areSettingsOpen && !isEmptying && !areRefusalsOpen, {
    e: () => file('archive'),
    '!': () => file('junk'),
    '#': remove,
    Delete: remove,
    z: () => notice?.undo?.(),
    j: () => step(1),
    k: () => step(-1),
    u: close,
    Escape: () => opened !== null && close(),
    Enter: () => active !== null && open(active),
    '?': help.open,
  });

  useEffect(() => {
    document.title = `${folder.unread > 0 ? `(${folder.unread}) ` : ''}${t.folders[folder.role]} · ${t.appName}`;
  }, [folder.unread, folder.role, t]);

  // The list goes with its last message, and with it the focus.
  const count = useRef(0);
  useEffect(() => {
    if (count.current > 0 && messages.length === 0 && document.activeElement === document.body) focusList();
    count.current = messages.length;
  }, [messages.length]);

  const arrived = useMemo(() => new Set(arrivals.map(message => message.ref.messageId)), [arrivals]);
  const foldersButton = useRef<HTMLButtonElement>(null);
  // The drawer would lie over what is opened, and has no place for the focus when that is closed.
  const outOfDrawer = (open: () => void) => () => {
    foldersDrawer.close();
    foldersButton.current?.focus();
    open();
  };
  const sidebar = <Sidebar folders={folders} shown={folder.role} onHelp={outOfDrawer(help.open)} onSettings={outOfDrawer(settings.open)} onChosen={foldersDrawer.close} />;
  return (
    <div className={classes.shell} data-reading={opened !== null || undefined}>
      <a href="#messages" className={classes.skip}>{t.skipToMessages}</a>
      {hasRoomForFolders
        ? <div className={classes.side}>{sidebar}</div>
        : (
          <Drawer opened={areFoldersOpen} onClose={foldersDrawer.close} size={264} withCloseButton={false} attributes={{ content: { 'aria-label': t.foldersLabel } }} classNames={{ body: classes.drawer }}>
            {sidebar}
          </Drawer>
        )}
      <section className={classes.list} aria-label={t.folders[folder.role]}>
        <Group className={classes.bar} gap="xs" wrap="nowrap">
          {!hasRoomForFolders && (
            <Tooltip label={t.openFolders}>
              <ActionIcon ref={foldersButton} variant="subtle" color="gray" size="lg" aria-label={t.openFolders} onClick={foldersDrawer.open}><IconMenu2 size={20} /></ActionIcon>
            </Tooltip>
          )}
          <Title order={1} fz={18} lh="26px" flex={1}>{t.folders[folder.role]}</Title>
          <Text size="sm" c="dimmed">{t.list.count(folder.total)}</Text>
        </Group>
        {!isOnline && <Group className={classes.offline} role="status" gap="xs" wrap="nowrap"><IconCloudOff size={16} aria-hidden="true" /><span>{t.offline}</span></Group>}
        {(folder.role === 'trash' || folder.role === 'junk') && (
          <Group className={filing.folder} justify="space-between" gap="xs" wrap="nowrap">
            <span>{t.filing.thirtyDays}{folder.role === 'junk' && <> <Anchor component="button" type="button" fz="inherit" onClick={refusals.open}>{t.refusals.open}</Anchor></>}</span>
            <Button size="compact-sm" variant="subtle" color="red" flex="none" disabled={messages.length === 0} onClick={emptying.open}>{t.filing.empty(t.folders[folder.role])}</Button>
          </Group>
        )}
        {/* In place of the list where there is none: the way past the folders ends here. */}
        <div className={classes.messages} {...messages.length === 0 && { id: 'messages', tabIndex: -1 }}>
          <MessageList
            folder={folder}
            query={query}
            messages={messages}
            active={active}
            opened={opened}
            arrived={arrived}
            onActive={messageId => setCursor({ at: messageId, opened })}
            onOpen={open}
          />
        </div>
        <span className="visually-hidden" role="status">{announce(arrivals, t)}</span>
      </section>
      <main className={classes.reader} aria-label={t.reader.label}>
        {opened === null
          ? <NothingOpen />
          : (
            <Boundary
              key={opened}
              fallback={() => <StateMessage icon={<IconAlertCircle size={40} stroke={1.2} />} title={t.reader.unshown} role="alert" retry={{ label: t.shortcuts.back, onClick: close }} />}
            >
              <Reader
                messageId={opened}
                item={messages.find(message => message.ref.messageId === opened)}
                onBack={close}
                onSeen={isSet => flag.mutate({ messageId: opened, flag: 'seen', isSet })}
                actions={chosen && (
                  <>
                    <FilingActions role={folder.role} onMove={file} onDestroy={destroying.open} />
                    <ExpiryMenu item={chosen} onWish={wish => expire(chosen, folder, wish)} />
                  </>
                )}
                senderItems={sender && <SenderItems sender={sender} onRule={action => rule(sender, action)} />}
                onDestroyAt={at => chosen && expire(chosen, folder, { at, burnAfterMinutes: null })}
              />
            </Boundary>
          )}
      </main>
      <DestroyDialog
        opened={isDestroying && chosen !== undefined}
        title={t.filing.destroyTitle}
        text={t.filing.destroyText}
        action={t.filing.destroy}
        onClose={destroying.close}
        onDestroy={() => {
          destroying.close();
          if (!chosen) return;
          leave(chosen.ref.messageId);
          destroy(chosen, folder);
        }}
      />
      <DestroyDialog
        opened={isEmptying}
        title={t.filing.emptyTitle(t.folders[folder.role])}
        text={t.filing.emptyText(folder.total)}
        action={t.filing.empty(t.folders[folder.role])}
        onClose={emptying.close}
        onDestroy={() => {
          emptying.close();
          go(folder.role, null, 'replace');
          empty(folder, Math.max(...messages.map(message => message.uid)));
        }}
      />
      <RefusalsDialog opened={areRefusalsOpen} onClose={refusals.close} />
      <SettingsDialog opened={areSettingsOpen} onClose={settings.close} />
      <ShortcutHelp opened={isHelpOpen} onClose={help.close} />
    </div>
  );
}

const focusList = (): void => document.getElementById('messages')?.focus({ preventScroll: true });

function announce(arrivals: ReturnType<typeof useLiveMailbox>['arrivals'], t: Texts): string {
  const [first] = arrivals;
  if (!first) return '';
  return arrivals.length === 1 && first.summary ? t.list.arrived(sendersOf(first.summary, t), subjectOf(first.summary, t)) : t.list.arrivedMany(arrivals.length);
}
