import { ActionIcon, Tooltip } from '@mantine/core';
import { IconAlertOctagon, IconArchive, IconFlame, IconInbox, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Role } from '../route.ts';
import { useTexts } from '../texts/index.ts';

/** Where an opened message can go from where it is. */
export function FilingActions({ role, onMove, onDestroy }: { role: Role; onMove: (to: Role) => void; onDestroy: () => void }) {
  const t = useTexts();
  return (
    <>
      {role !== 'inbox' && <Action label={role === 'junk' ? t.filing.notJunk : t.filing.toInbox} onClick={() => onMove('inbox')}><IconInbox size={20} /></Action>}
      {role !== 'archive' && <Action label={t.filing.archive} onClick={() => onMove('archive')}><IconArchive size={20} /></Action>}
      {role !== 'junk' && <Action label={t.filing.junk} onClick={() => onMove('junk')}><IconAlertOctagon size={20} /></Action>}
      {role === 'trash'
        ? <Action label={t.filing.destroy} onClick={onDestroy}><IconFlame size={20} /></Action>
        : <Action label={t.filing.delete} onClick={() => onMove('trash')}><IconTrash size={20} /></Action>}
    </>
  );
}

function Action({ label, onClick, children }: { label: string; onClick: () => void; children: ReactNode }) {
  return <Tooltip label={label}><ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} onClick={onClick}>{children}</ActionIcon></Tooltip>;
}
