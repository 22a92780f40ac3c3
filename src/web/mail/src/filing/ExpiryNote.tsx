import type { MessageItem } from '@appliance/crypto';
import { formatMessageDate, useLanguage } from '@appliance/ui';
import { Group } from '@mantine/core';
import { IconHourglass } from '@tabler/icons-react';
import { useState } from 'react';
import { type Texts, useTexts } from '../texts/index.ts';
import { Countdown } from './Countdown.tsx';
import classes from './Filing.module.css';

const countedBelow = 2 * 86_400_000;

/** Above an opened message: when it goes, why, and what that cannot do. */
export function ExpiryNote({ item }: { item: MessageItem }) {
  const t = useTexts();
  const { language } = useLanguage();
  const [openedAt] = useState(() => Date.now());
  if (item.expiresAt === null) return null;
  const at = new Date(item.expiresAt);
  return (
    <Group className={classes.note} gap={8} wrap="nowrap" align="flex-start">
      <IconHourglass size={16} aria-hidden="true" />
      <span>
        {/* What is days away has a date: days that are counted down are one less than those of the rule, from the first minute on. */}
        {at.getTime() - openedAt < countedBelow ? <>{t.expiry.destroyed} <Countdown at={item.expiresAt} /></> : t.expiry.destroyedOn(formatMessageDate(at, language))}
        {t.expiry.because(reasonOf(item, t))} {t.expiry.copies}
      </span>
    </Group>
  );
}

/** Why the message goes when it does. */
function reasonOf({ expiresAt, expiry }: MessageItem, t: Texts): string {
  const reason = (['folder', 'member', 'sender', 'account', 'policy'] as const).find(name => expiry?.[name] === expiresAt);
  return t.expiry.reasons[reason ?? 'burn'];
}
