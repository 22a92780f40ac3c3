import type { SenderRule } from '@appliance/crypto';
import { Menu } from '@mantine/core';
import { IconUserCancel, IconUserCheck, IconUserMinus } from '@tabler/icons-react';
import { useTexts } from '../texts/index.ts';
import { addressAsShown } from '../visible.ts';
import { ruleFor, useSenderRules } from './senderRules.ts';

/** What can be said of a message's sender, in the message's menu. */
export function SenderItems({ sender, onRule }: { sender: string; onRule: (action: SenderRule['action'] | 'none') => void }) {
  const t = useTexts();
  const rules = useSenderRules();
  if (!rules.data) return null;
  const rule = ruleFor(rules.data, sender);
  return (
    <>
      <Menu.Divider />
      <Menu.Label maw={280} style={{ overflowWrap: 'anywhere' }}><bdi>{addressAsShown(sender)}</bdi></Menu.Label>
      {rule !== null && <Menu.Item leftSection={<IconUserMinus size={16} />} onClick={() => onRule('none')}>{t.senders.forget[rule]}</Menu.Item>}
      {rule !== 'allow' && <Menu.Item leftSection={<IconUserCheck size={16} />} onClick={() => onRule('allow')}>{t.senders.allow}</Menu.Item>}
      {rule !== 'block' && <Menu.Item leftSection={<IconUserCancel size={16} />} onClick={() => onRule('block')}>{t.senders.block}</Menu.Item>}
    </>
  );
}
