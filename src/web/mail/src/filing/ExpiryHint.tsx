import type { MessageItem } from '@appliance/crypto';
import { formatFullDate, useLanguage } from '@appliance/ui';
import { Button, Group } from '@mantine/core';
import { IconCalendarTime } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSession, useVault } from '../session.ts';
import { retentionKey } from '../settings/OwnRetention.tsx';
import { useTexts } from '../texts/index.ts';
import classes from './Filing.module.css';

/** The end date a sender gave, for members who want to be told of such; nothing happens unless they say so. */
export function ExpiryHint({ item: { summary, expiresAt }, onDestroyAt }: { item: MessageItem; onDestroyAt: (at: string) => void }) {
  const t = useTexts();
  const { language } = useLanguage();
  const vault = useVault();
  const { mailboxId } = useSession();
  const [openedAt] = useState(() => Date.now());
  const at = summary?.expires === undefined ? null : new Date(summary.expires);
  const retention = useQuery({ queryKey: retentionKey(mailboxId), queryFn: () => vault.retention(mailboxId), enabled: at !== null });
  if (at === null || at.getTime() <= openedAt || !retention.data?.suggestsSenderExpiry || (expiresAt !== null && new Date(expiresAt) <= at)) return null;
  return (
    <Group className={classes.note} gap={8} wrap="nowrap">
      <IconCalendarTime size={16} aria-hidden="true" />
      <span>{t.expiry.hint(formatFullDate(at, language))}</span>
      <Button size="compact-sm" variant="subtle" ml="auto" flex="none" onClick={() => onDestroyAt(at.toISOString())}>{t.expiry.hintTake}</Button>
    </Group>
  );
}
