import type { FolderInfo } from '@appliance/crypto';
import { Wordmark } from '@appliance/ui';
import { NavLink, Text } from '@mantine/core';
import { IconAlertOctagon, IconArchive, IconInbox, IconPencil, IconSend, IconTrash, type TablerIcon } from '@tabler/icons-react';
import type { MouseEvent } from 'react';
import { go, type Role } from '../route.ts';
import { useTexts } from '../texts/index.ts';
import { AccountMenu } from './AccountMenu.tsx';
import classes from './Sidebar.module.css';

const icons: Record<Role, TablerIcon> = { inbox: IconInbox, archive: IconArchive, drafts: IconPencil, sent: IconSend, junk: IconAlertOctagon, trash: IconTrash };

interface SidebarProps { folders: FolderInfo[]; shown: Role; onHelp: () => void; onSettings: () => void; onChosen: () => void }

export function Sidebar({ folders, shown, onHelp, onSettings, onChosen }: SidebarProps) {
  const t = useTexts();

  function choose(event: MouseEvent, role: Role): void {
    // A new tab or window stays the browser's affair.
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(role);
    onChosen();
  }

  return (
    <div className={classes.side}>
      <div className={classes.head}><Wordmark name={t.appName} /></div>
      <nav className={classes.folders} aria-label={t.foldersLabel}>
        {folders.map(({ folderId, role, unread }) => {
          const Icon = icons[role];
          return (
            <NavLink
              key={folderId}
              href={`/${role}`}
              label={t.folders[role]}
              leftSection={<Icon size={18} stroke={1.6} aria-hidden="true" />}
              rightSection={unread > 0 && (
                <Text component="span" size="xs" fw={600}><span aria-hidden="true">{unread}</span><span className="visually-hidden">{t.unreadCount(unread)}</span></Text>
              )}
              active={role === shown}
              aria-current={role === shown ? 'page' : undefined}
              className={classes.folder}
              onClick={event => choose(event, role)}
            />
          );
        })}
      </nav>
      <AccountMenu onHelp={onHelp} onSettings={onSettings} />
    </div>
  );
}
