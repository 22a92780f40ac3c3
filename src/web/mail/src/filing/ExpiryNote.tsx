import type { MessageItem } from '@appliance/crypto';
import { Group } from '@mantine/core';
import { IconHourglass } from '@tabler/icons-react';
import { type Texts, useTexts } from '../texts/index.ts';
import { Countdown } from './Countdown.tsx';
import classes from './Filing.module.css';

/** Above an opened message: when it goes, why, and what that cannot do. */
export function ExpiryNote({ item }: { item: MessageItem }) {
  const t = useTexts();
  if (item.expiresAt === null) return null;
  return (
    <Group className={classes.note} gap={8} wrap="nowrap" align="flex-start">
      <IconHourglass size={16} aria-hidden="true" />
      <span>{t.expiry.destroyed} <Countdown at={item.expiresAt} />{t.expiry.because(reasonOf(item, t))} {t.expiry.copies}</span>
    </Group>
  );
}

/** Why the message goes when it does. */
function reasonOf({ expiresAt, expiry }: MessageItem, t: Texts): string {
  const reason = (['folder', 'member', 'sender', 'account', 'policy'] as const).find(name => expiry?.[name] === expiresAt);
  return t.expiry.reasons[reason ?? 'burn'];
}
