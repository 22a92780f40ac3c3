import type { SenderRule } from '@appliance/crypto';
import { ActionIcon, Badge, Button, Group, NativeSelect, Skeleton, Text, TextInput, Tooltip } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '@appliance/api';
import { describeError } from '../errors.ts';
import { senderRulesKey, useSenderRules } from '../senders/senderRules.ts';
import { useSession, useVault } from '../session.ts';
import { useTexts } from '../texts/index.ts';
import { addressAsShown } from '../visible.ts';
import { Section } from './Section.tsx';
import classes from './Settings.module.css';

/** Whom the member allows and blocks. */
export function OwnSenders() {
  const t = useTexts();
  const vault = useVault();
  const queries = useQueryClient();
  const { mailboxId } = useSession();
  const rules = useSenderRules();
  const [written, write] = useState('');
  const [action, choose] = useState<SenderRule['action']>('block');
  const set = useMutation({
    mutationFn: (rule: { sender: string; action: SenderRule['action'] | 'none' }) => vault.setSenderRule({ mailboxId, ...rule }),
    onSuccess: () => queries.invalidateQueries({ queryKey: senderRulesKey(mailboxId) }),
  });
  const sender = written.trim().toLowerCase();

  return (
    <Section title={t.senders.title} text={t.senders.text}>
      <form
        onSubmit={event => {
          event.preventDefault();
          if (sender) set.mutate({ sender, action }, { onSuccess: () => write('') });
        }}
      >
        <Group align="flex-end" gap="sm">
          <NativeSelect
            w={130}
            label={t.senders.action}
            value={action}
            onChange={event => choose(event.currentTarget.value === 'allow' ? 'allow' : 'block')}
            data={[{ value: 'block', label: t.senders.names.block }, { value: 'allow', label: t.senders.names.allow }]}
          />
          <TextInput flex="1 1 200px" label={t.senders.sender} placeholder="example.org" value={written} onChange={event => write(event.currentTarget.value)} autoComplete="off" spellCheck={false} />
          <Button type="submit" disabled={!sender} loading={set.isPending}>{t.senders.add}</Button>
        </Group>
      </form>
      {set.isError && <Text size="sm" c="red" role="alert">{set.error instanceof ApiError && set.error.code === 'invalid' ? t.senders.wrong : describeError(set.error, t)}</Text>}
      {rules.isError ? <Text size="sm" c="red" role="alert">{describeError(rules.error, t)}</Text>
        : !rules.data ? <Skeleton height={36} />
        : rules.data.length === 0 ? <Text size="sm" c="dimmed">{t.senders.none}</Text>
        : (
          <ul className={classes.rules} aria-label={t.senders.title}>
            {rules.data.map(rule => (
              <li key={rule.sender}>
                <bdi>{addressAsShown(rule.sender)}</bdi>
                <Badge variant="light" tt="none" color={rule.action === 'block' ? 'red' : 'pine'}>{t.senders.states[rule.action]}</Badge>
                <Tooltip label={t.senders.remove}>
                  <ActionIcon variant="subtle" color="gray" aria-label={`${t.senders.remove}: ${addressAsShown(rule.sender)}`} onClick={() => set.mutate({ sender: rule.sender, action: 'none' })}><IconTrash size={16} /></ActionIcon>
                </Tooltip>
              </li>
            ))}
          </ul>
        )}
    </Section>
  );
}
